"""A real Git LFS server, giftless, in a thread of the test: files on the disk, and a token where a test wants one."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable
from pathlib import Path
from ssl import SSLContext
from threading import Thread
from types import TracebackType
from typing import Any

from tests.repository import Repo


class LfsServer:
    """Objects lie in `storage/acme/models/OID`. With a `token`, whoever comes without it is sent away."""

    def __init__(self, storage: Path, tls: SSLContext | None = None) -> None:
        import giftless.app
        from werkzeug.serving import WSGIRequestHandler, make_server

        class Quiet(WSGIRequestHandler):
            def log(self, type: str, message: str, *args: Any) -> None:
                """Says nothing."""

        self.storage = storage
        self.token: str | None = None
        #: What was asked: the method, the path, and the headers by their lower-case names.
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        options = {"storage_options": {"path": str(storage)}}
        settings = {
            "AUTH_PROVIDERS": ["giftless.auth.allow_anon:read_write"],
            "TRANSFER_ADAPTERS": {"basic": {"options": options}},
            "LEGACY_ENDPOINTS": False,
        }
        self._app = giftless.app.init_app(additional_config=settings)
        self._server = make_server("127.0.0.1", 0, self._guarded, threaded=True, request_handler=Quiet, ssl_context=tls)
        self.git_url = f"http{'s' if tls else ''}://127.0.0.1:{self._server.server_port}/acme/models.git"
        self.url = f"{self.git_url}/info/lfs"

    def _guarded(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        headers = {
            name[5:].lower().replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")
        }
        self.requests.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], headers))
        # What it tells to upload or to download, it has signed with a token of its own kind.
        is_guarded = self.token is not None and "/objects/storage/" not in environ["PATH_INFO"]
        if is_guarded and environ.pop("HTTP_AUTHORIZATION", "").split(" ")[-1] not in self._accepted():
            start_response("401 Unauthorized", [("Content-Type", "application/json"), ("LFS-Authenticate", "Basic")])
            return [b'{"message": "Credentials needed"}']
        served: Iterable[bytes] = self._app(environ, start_response)
        return served

    def _accepted(self) -> list[str]:
        users = ("x-access-token", "oauth2", "gitlab-ci-token", "ada")
        return [b64encode(f"{user}:{self.token}".encode()).decode() for user in users]

    def holds(self, oid: str) -> bool:
        return self._file(oid).exists()

    def remove(self, oid: str) -> None:
        self._file(oid).unlink()

    def put(self, oid: str, content: bytes) -> None:
        """Whatever the digest of the content."""
        self._file(oid).parent.mkdir(parents=True, exist_ok=True)
        self._file(oid).write_bytes(content)

    def _file(self, oid: str) -> Path:
        return self.storage / "acme" / "models" / oid.removeprefix("sha256:")

    def serve(self, repo: Repo) -> None:
        """Makes it the server of a repository, by git's own configuration."""
        repo.git("config", "lfs.url", self.url)
        repo.git("config", f"lfs.{self.url}.locksverify", "false")

    def __enter__(self) -> LfsServer:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trail: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
