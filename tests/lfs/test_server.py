"""Servers that fail, lie, stall or lead astray: nothing is decided, and no secret is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from time import sleep, time
from typing import Any

import pytest

from snitch.finding import Undecidable
from snitch.git.command import Git
from snitch.lfs.login import Login
from snitch.lfs.patience import Patience
from snitch.lfs.server import Server, weights_server
from snitch.pointer import Pointer
from tests.lfs.faulty import Asked, Faulty, Said, objects
from tests.repository import Repo

CONTENT = b"weights" * 100
OID = sha256(CONTENT).hexdigest()
POINTER = Pointer(f"sha256:{OID}", len(CONTENT))
TOKEN = "ghs_atokenthatnobodymaysee"
IMPATIENT = Patience(connect=2, silence=0.4, answer=1.2, retrying=30)


@pytest.fixture
def waits() -> list[float]:
    """The seconds that a test's servers were waited for between two tries; no time passes."""
    return []


@pytest.fixture
def server_of(repo: Repo, waits: list[float]) -> Callable[..., Server]:
    def make(faulty: Faulty, *, token: str = TOKEN, patience: Patience = IMPATIENT) -> Server:
        login = Login(faulty.base, "x-access-token", token)
        return weights_server(
            Git(str(repo.path)), url=faulty.git_url, login=login, patience=patience, sleep=waits.append
        )

    return make


ServerOf = Callable[..., Server]


def standing(**more: Any) -> dict[str, Any]:
    """What a server says of an object that it has."""
    return {"oid": OID, "size": len(CONTENT), "actions": {"download": {"href": "https://store.example/x"}}, **more}


def why(server: Server) -> str:
    """Why nothing is decided: the reason that is told, which holds no secret."""
    with pytest.raises(Undecidable) as told:
        server.missing([POINTER])
    assert told.value.help
    assert TOKEN not in repr(told.value.args) + told.value.reason + told.value.help
    assert Login("https://x", "x-access-token", TOKEN).authorization[6:] not in told.value.reason
    return told.value.reason


UNUSABLE: dict[str, Said] = {
    "not JSON": Said(body=b"<html>Sign in</html>"),
    "nothing": Said(body=b""),
    "another shape": Said(body=b'{"objects": {}}'),
    "a size that is text": objects(standing(size="700")),
    "NaN": Said(body=b'{"objects": [{"oid": "x", "size": NaN}]}'),
    "deep nesting": Said(body=b'{"objects": ' + b"[" * 100_000),
    "not UTF-8": Said(body=b'{"objects": [{"oid": "\xff"}]}'),
    "another transfer": objects(standing(), transfer="tus"),
    "another digest": objects(standing(), hash_algo="sha1"),
    "two answers about one object": objects(standing(), {"oid": OID, "size": 1, "error": {"code": 404}}),
    "objects that nobody asked about": objects(standing(), standing(oid="0" * 64)),
    "nothing about the object": objects(),
    "no action": objects({"oid": OID, "size": len(CONTENT)}),
    "no size": objects({"oid": OID, "actions": {"download": {"href": "https://store.example/x"}}}),
    "a thousand headers": objects(
        standing(actions={"download": {"href": "https://x", "header": {f"x-{n}": "y" for n in range(1000)}}})
    ),
    "too much": Said(body=b'{"objects": []}' + b" " * 5_000_000),
    "compressed": Said(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"}),
    "less than announced": Said(body=b'{"objects": []', broken=True),
}


class TestTheBatchApi:
    def test_a_question_is_as_the_specification_has_it(self, faulty: Faulty, server_of: ServerOf) -> None:
        faulty.answer(objects(standing()))
        assert server_of(faulty).missing([POINTER]) == frozenset()
        [asked] = faulty.asked
        assert (asked.method, asked.path) == ("POST", "/acme/models.git/info/lfs/objects/batch")
        assert asked.headers["accept"] == "application/vnd.git-lfs+json"
        assert asked.headers["content-type"].startswith("application/vnd.git-lfs+json")
        assert json.loads(asked.body) == {
            "operation": "download",
            "transfers": ["basic"],
            "objects": [{"oid": OID, "size": len(CONTENT)}],
            "hash_algo": "sha256",
        }

    def test_nothing_is_asked_about_nothing(self, faulty: Faulty, server_of: ServerOf) -> None:
        assert server_of(faulty).missing([]) == frozenset()
        assert faulty.asked == []

    def test_a_hundred_objects_are_one_question_and_answers_are_remembered(
        self, faulty: Faulty, server_of: ServerOf
    ) -> None:
        def all_there(asked: Asked) -> Said:
            return objects(*(standing(oid=oid, size=3) for oid in asked.oids))

        faulty.answer(all_there)
        pointers = [Pointer(f"sha256:{number:064x}", 3) for number in range(250)]
        server = server_of(faulty)
        assert server.missing(pointers) == server.missing(pointers[::-1]) == frozenset()
        assert [len(asked.oids) for asked in faulty.asked] == [100, 100, 50]

    def test_two_sizes_of_one_object_are_two_questions(self, faulty: Faulty, server_of: ServerOf) -> None:
        faulty.answer(lambda asked: objects(standing()))
        lying = POINTER._replace(size=3)
        server = server_of(faulty)
        assert server.missing([POINTER, lying]) == {POINTER.digest}
        assert server.missing([POINTER]) == frozenset()
        assert len(faulty.asked) == 2

    @pytest.mark.parametrize("code", [404, 410])
    def test_an_object_that_is_not_there_is_missing(self, code: int, faulty: Faulty, server_of: ServerOf) -> None:
        faulty.answer(objects({"oid": OID, "size": 3, "error": {"code": code, "message": "gone"}}))
        assert server_of(faulty).missing([POINTER]) == {POINTER.digest}

    def test_an_object_of_another_size_is_missing(self, faulty: Faulty, server_of: ServerOf) -> None:
        faulty.answer(objects(standing(size=len(CONTENT) + 1)))
        assert server_of(faulty).missing([POINTER]) == {POINTER.digest}

    @pytest.mark.parametrize("code", [422, 403, 500])
    def test_another_error_of_an_object_decides_nothing(self, code: int, faulty: Faulty, server_of: ServerOf) -> None:
        faulty.answer(objects({"oid": OID, "size": 3, "error": {"code": code, "message": "no\nidea"}}))
        assert why(server_of(faulty)).endswith(f"answered {code} about sha256:{OID} (“no idea”)")

    def test_what_is_unsure_of_one_says_nothing_of_another(self, faulty: Faulty, server_of: ServerOf) -> None:
        other = Pointer("sha256:" + "0" * 64, 3)
        faulty.answer(objects(standing(), {"oid": "0" * 64, "size": 3, "error": {"code": 422}}))
        server = server_of(faulty)
        with pytest.raises(Undecidable):
            server.missing([POINTER, other])
        assert server.missing([POINTER]) == frozenset()
        assert len(faulty.asked) == 1

    @pytest.mark.parametrize("answer", UNUSABLE.values(), ids=UNUSABLE.keys())
    def test_an_answer_that_is_none_decides_nothing(self, answer: Said, faulty: Faulty, server_of: ServerOf) -> None:
        faulty.answer(answer)
        assert "Git LFS server" in why(server_of(faulty))

    @pytest.mark.parametrize(
        ("status", "words"),
        [
            (400, "it answered 400"),
            (401, "it asks for credentials"),
            (403, "it forbids to read"),
            (404, "it knows no such repository"),
            (204, "it answered 204"),
            (304, "it answered 304"),
            (501, "it answered 501"),
            (507, "it answered 507"),
            (509, "it answered 509"),
        ],
    )
    def test_a_refusal_decides_nothing(self, status: int, words: str, faulty: Faulty, server_of: ServerOf) -> None:
        faulty.answer(Said(status))
        assert why(server_of(faulty)).startswith(f"the Git LFS server at {faulty.url} cannot be asked: {words}")

    def test_the_servers_own_words_are_told(self, faulty: Faulty, server_of: ServerOf) -> None:
        faulty.answer(Said(403, json.dumps({"message": "over its\x1b[31m quota " + "x" * 1000}).encode()))
        told = why(server_of(faulty))
        assert "(“over its" in told
        assert len(told) < 500

    @pytest.mark.parametrize("part", [TOKEN, Login("https://x", "x-access-token", TOKEN).authorization])
    def test_but_not_where_they_give_the_token_away(self, part: str, faulty: Faulty, server_of: ServerOf) -> None:
        faulty.answer(Said(403, json.dumps({"message": f"bad credentials: {part}"}).encode()))
        assert "bad credentials" not in why(server_of(faulty))

    def test_who_did_not_answer_is_not_asked_again(self, faulty: Faulty, server_of: ServerOf) -> None:
        faulty.answer(Said(400))
        server = server_of(faulty)
        assert why(server) == why(server)
        assert len(faulty.asked) == 1


class TestPatience:
    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
    def test_what_may_pass_is_asked_again(
        self, status: int, faulty: Faulty, server_of: ServerOf, waits: list[float]
    ) -> None:
        faulty.answer(Said(status), Said(status), objects(standing()))
        assert server_of(faulty).missing([POINTER]) == frozenset()
        assert waits == [0.5, 1.0]

    def test_but_not_for_ever(self, faulty: Faulty, server_of: ServerOf, waits: list[float]) -> None:
        faulty.answer(Said(503))
        assert why(server_of(faulty)).endswith("it answered 503")
        assert (len(faulty.asked), waits) == (4, [0.5, 1.0, 2.0])

    @pytest.mark.parametrize("status", [403, 429, 503])
    def test_as_long_as_the_server_asks(
        self, status: int, faulty: Faulty, server_of: ServerOf, waits: list[float]
    ) -> None:
        faulty.answer(Said(status, headers={"Retry-After": "7"}), objects(standing()))
        assert server_of(faulty).missing([POINTER]) == frozenset()
        assert waits == [7.0]

    @pytest.mark.parametrize("after", ["31", "86400", "9" * 400, "soon", "-5", "Fri, 31 Dec 2999 23:59:59 GMT"])
    def test_longer_than_the_budget_is_not_waited(
        self, after: str, faulty: Faulty, server_of: ServerOf, waits: list[float]
    ) -> None:
        faulty.answer(Said(429, headers={"Retry-After": after}))
        assert why(server_of(faulty)).endswith("it answered 429")
        assert waits == []

    def test_until_a_date(self, faulty: Faulty, server_of: ServerOf, waits: list[float]) -> None:
        from email.utils import formatdate

        faulty.answer(Said(429, headers={"Retry-After": formatdate(time() + 10, usegmt=True)}), objects(standing()))
        assert server_of(faulty).missing([POINTER]) == frozenset()
        [waited] = waits
        assert 7 < waited <= 10

    def test_the_budget_is_for_the_whole_run(self, faulty: Faulty, server_of: ServerOf, waits: list[float]) -> None:
        again = Said(429, headers={"Retry-After": "20"})
        faulty.answer(again, objects(standing()), again)
        server = server_of(faulty)
        assert server.missing([POINTER]) == frozenset()
        with pytest.raises(Undecidable, match="answered 429"):
            server.missing([Pointer("sha256:" + "0" * 64, 3)])
        assert waits == [20.0]

    def test_a_server_that_says_nothing_is_not_waited_for(self, faulty: Faulty, server_of: ServerOf) -> None:
        def stall(asked: Asked) -> Said:
            sleep(3)
            return Said()

        faulty.answer(stall)
        assert why(server_of(faulty)).endswith("it did not answer in time")

    def test_nor_is_one_that_says_a_byte_at_a_time(self, faulty: Faulty, server_of: ServerOf) -> None:
        def drip() -> Iterator[bytes]:
            for _ in range(100):
                sleep(0.1)
                yield b" "

        faulty.answer(lambda asked: Said(body=drip()))
        started = time()
        assert why(server_of(faulty)).endswith("it had not said all after 1 s")
        assert time() - started < 4

    def test_a_server_that_is_not_there(self, faulty: Faulty, server_of: ServerOf, waits: list[float]) -> None:
        faulty.git_url = "http://127.0.0.1:1/acme/models.git"
        assert why(server_of(faulty)).endswith("cannot be asked: it cannot be reached")
        assert waits == [0.5, 1.0, 2.0]

    def test_a_host_that_has_no_name(self, faulty: Faulty, server_of: ServerOf) -> None:
        faulty.git_url = "http://nobody.invalid/acme/models.git"
        assert why(server_of(faulty)).endswith("it cannot be reached")


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_on_the_same_host_they_are_followed(self, status: int, faulty: Faulty, server_of: ServerOf) -> None:
        faulty.answer(Said(status, headers={"Location": "/elsewhere"}), objects(standing()))
        assert server_of(faulty).missing([POINTER]) == frozenset()
        first, second = faulty.asked
        assert (second.method, second.path, second.body) == ("POST", "/elsewhere", first.body)
        assert second.headers["authorization"] == first.headers["authorization"]

    def test_to_another_host_no_question_goes(self, faulty: Faulty, server_of: ServerOf) -> None:
        faulty.answer(
            Said(307, headers={"Location": f"{faulty.elsewhere}/acme/models.git/info/lfs"}), objects(standing())
        )
        assert why(server_of(faulty)).endswith("it redirects to another host, localhost")
        assert len(faulty.asked) == 1

    @pytest.mark.parametrize("target", ["file:///etc/passwd", "http://[", "gopher://x/"])
    def test_to_what_is_no_url(self, target: str, faulty: Faulty, server_of: ServerOf) -> None:
        faulty.answer(Said(307, headers={"Location": target}))
        assert why(server_of(faulty)).endswith("it redirects to what is no URL")

    def test_what_a_redirect_says_is_not_read(self, faulty: Faulty, server_of: ServerOf) -> None:
        def endless() -> Iterator[bytes]:
            while True:
                yield b" " * 100_000

        faulty.answer(Said(307, endless(), {"Location": "/elsewhere"}), objects(standing()))
        assert server_of(faulty).missing([POINTER]) == frozenset()

    def test_in_a_circle(self, faulty: Faulty, server_of: ServerOf) -> None:
        faulty.answer(Said(307, headers={"Location": "/again"}))
        assert why(server_of(faulty)).endswith("it redirects in a circle")
        assert len(faulty.asked) == 6


class TestDownloads:
    def served(self, faulty: Faulty, *answers: Said, href: str = "", **more: Any) -> None:
        action = {"href": href or f"{faulty.base}/bytes", **more.pop("action", {})}
        faulty.answer(objects(standing(actions={"download": action}, **more)), *answers)

    def failure(self, server: Server, folder: Path) -> str:
        with pytest.raises(Undecidable) as told:
            server.download(POINTER, str(folder))
        assert told.value.help
        assert TOKEN not in told.value.reason
        assert [each for each in folder.rglob("*") if each.is_file()] == []
        return told.value.reason

    def test_the_bytes_come_by_the_url_and_the_headers_that_the_server_gives(
        self, faulty: Faulty, server_of: ServerOf, tmp_path: Path
    ) -> None:
        self.served(faulty, Said(body=CONTENT), action={"header": {"X-Signature": "signed"}})
        told: list[tuple[int, int]] = []
        file = server_of(faulty).download(POINTER, str(tmp_path / "in"), lambda *numbers: told.append(numbers))
        assert Path(file).read_bytes() == CONTENT
        assert told[-1] == (len(CONTENT), len(CONTENT))
        _, asked = faulty.asked
        assert (asked.method, asked.path, asked.headers["x-signature"]) == ("GET", "/bytes", "signed")
        assert asked.headers["authorization"] == Login("", "x-access-token", TOKEN).authorization

    def test_what_is_signed_needs_no_token(self, faulty: Faulty, server_of: ServerOf, tmp_path: Path) -> None:
        self.served(faulty, Said(body=CONTENT), authenticated=True)
        server_of(faulty).download(POINTER, str(tmp_path / "in"))
        assert "authorization" not in faulty.asked[1].headers

    def test_the_servers_own_authorization_stands(self, faulty: Faulty, server_of: ServerOf, tmp_path: Path) -> None:
        self.served(faulty, Said(body=CONTENT), action={"header": {"authorization": "RemoteAuth x"}})
        server_of(faulty).download(POINTER, str(tmp_path / "in"))
        assert faulty.asked[1].headers["authorization"] == "RemoteAuth x"

    def test_another_host_never_sees_the_token(self, faulty: Faulty, server_of: ServerOf, tmp_path: Path) -> None:
        self.served(faulty, Said(body=CONTENT), href=f"{faulty.elsewhere}/bytes")
        server_of(faulty).download(POINTER, str(tmp_path / "in"))
        assert faulty.asked[1].headers["host"].startswith("localhost:")
        assert "authorization" not in faulty.asked[1].headers

    def test_nor_by_a_redirect(self, faulty: Faulty, server_of: ServerOf, tmp_path: Path) -> None:
        away = Said(302, headers={"Location": f"{faulty.elsewhere}/bytes"})
        self.served(faulty, away, Said(body=CONTENT), action={"header": {"X-Signature": "signed"}})
        assert Path(server_of(faulty).download(POINTER, str(tmp_path / "in"))).read_bytes() == CONTENT
        assert not {"authorization", "x-signature"} & faulty.asked[2].headers.keys()

    def test_a_netrc_adds_nothing(
        self, faulty: Faulty, server_of: ServerOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "netrc").write_text("default login ada password secret\n")
        (tmp_path / "netrc").chmod(0o600)
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        self.served(faulty, Said(body=CONTENT), href=f"{faulty.elsewhere}/bytes")
        server_of(faulty).download(POINTER, str(tmp_path / "in"))
        assert faulty.asked[0].headers["authorization"] == Login("", "x-access-token", TOKEN).authorization
        assert "authorization" not in faulty.asked[1].headers

    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            (Said(body=CONTENT[:-1]), "it sent 699 bytes; the pointer says 700"),
            (Said(body=CONTENT + b"!"), "it sent more than the 700 bytes of the pointer"),
            (Said(body=CONTENT[::-1]), "another digest"),
            (Said(body=CONTENT[:-10], broken=True), "the connection broke"),
            (Said(403), "it answered 403 when asked for the bytes"),
            (Said(206, CONTENT), "it answered 206"),
            (Said(body=CONTENT, headers={"Content-Encoding": "br"}), "an encoding that was not asked for"),
        ],
    )
    def test_other_bytes_are_not_kept(
        self, answer: Said, words: str, faulty: Faulty, server_of: ServerOf, tmp_path: Path
    ) -> None:
        self.served(faulty, answer)
        assert words in self.failure(server_of(faulty), tmp_path / "in")

    @pytest.mark.parametrize("href", ["ftp://store.example/x", "file:///etc/passwd", "/relative", ""])
    def test_a_url_that_is_none_is_not_followed(
        self, href: str, faulty: Faulty, server_of: ServerOf, tmp_path: Path
    ) -> None:
        faulty.answer(objects(standing(actions={"download": {"href": href}})))
        assert "without https" in self.failure(server_of(faulty), tmp_path / "in")

    def test_a_header_that_is_none_is_not_sent(self, faulty: Faulty, server_of: ServerOf, tmp_path: Path) -> None:
        self.served(faulty, Said(body=CONTENT), action={"header": {"X-Signature": "a\r\nHost: elsewhere"}})
        assert "malformed" in self.failure(server_of(faulty), tmp_path / "in")

    def test_bytes_that_cease_to_come_are_not_waited_for(
        self, faulty: Faulty, server_of: ServerOf, tmp_path: Path
    ) -> None:
        def drip() -> Iterator[bytes]:
            for _ in range(100):
                sleep(0.1)
                yield b"w"

        self.served(faulty, Said(body=drip()))
        assert "it had not said all" in self.failure(server_of(faulty), tmp_path / "in")

    def test_a_disk_that_takes_nothing(self, faulty: Faulty, server_of: ServerOf, tmp_path: Path) -> None:
        self.served(faulty, Said(body=CONTENT))
        (tmp_path / "in").write_text("a file")
        with pytest.raises(Undecidable, match="cannot be written") as told:
            server_of(faulty).download(POINTER, str(tmp_path / "in"))
        assert told.value.help == "make room"

    def test_who_interrupts_leaves_nothing_behind(self, faulty: Faulty, server_of: ServerOf, tmp_path: Path) -> None:
        def interrupt(here: int, total: int) -> None:
            raise KeyboardInterrupt

        self.served(faulty, Said(body=CONTENT))
        with pytest.raises(KeyboardInterrupt):
            server_of(faulty).download(POINTER, str(tmp_path / "in"), interrupt)
        assert [each for each in (tmp_path / "in").rglob("*") if each.is_file()] == []
