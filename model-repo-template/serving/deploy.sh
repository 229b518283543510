#!/bin/sh
# Sends a share of the traffic to an image: sh serving/deploy.sh MODEL IMAGE PERCENT. Per cent 0 is the rollback: all
# traffic goes back to what was deployed before. Must fail if that cannot be done.
#
# REPLACE THE LINE BELOW by your organisation's own command: kubectl, a service mesh, a serving platform.
set -eu
echo "would send $3 % of the traffic of $1 to $2"
