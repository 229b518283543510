"""What does not fit is left out, the least important first, and counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from snitch.report.room import Part, Section, compose


def composed(sections: list[Section], room: int, shares: dict[str, int] | None = None) -> list[str]:
    return compose(sections, room=room, shares=shares or {}, size=len, told=lambda lost, kind: f"-{lost} {kind}")


def parts(count: int, rank: int, kind: str, length: int = 10) -> list[Part]:
    return [Part(kind[0] * length, rank, kind) for _ in range(count)]


def test_all_that_fits_is_shown_in_its_order() -> None:
    sections = [Section("A", parts(2, 5, "late")), Section("B", parts(1, 1, "early"), "<", ">")]
    assert composed(sections, 1000) == ["A", "llllllllll\n\nllllllllll", "B", "<eeeeeeeeee>"]


def test_the_lower_rank_stays_wherever_it_stands() -> None:
    sections = [Section("A", parts(5, 5, "late")), Section("B", parts(2, 1, "early"))]
    assert composed(sections, 90) == ["A", "-5 late", "B", "eeeeeeeeee\n\neeeeeeeeee"]


def test_a_share_leaves_room_for_the_others() -> None:
    sections = [Section("A", parts(50, 1, "early")), Section("B", parts(2, 5, "late"))]
    kept = composed(sections, 200, {"early": 100})
    assert kept[-1] == "llllllllll\n\nllllllllll"


def test_what_a_share_leaves_unused_goes_to_the_rest() -> None:
    sections = [Section("A", parts(10, 1, "early"))]
    assert composed(sections, 1000, {"early": 30}) == ["A", "\n\n".join(["e" * 10] * 10)]


def test_sections_of_one_title_bear_it_once_and_empty_ones_not_at_all() -> None:
    sections = [Section("A", parts(1, 1, "x")), Section("A", parts(1, 1, "x")), Section("B", [])]
    assert composed(sections, 1000) == ["A", "x" * 10, "x" * 10]


def test_what_was_left_out_is_told_where_the_last_of_its_kind_would_stand() -> None:
    sections = [Section("A", parts(1, 1, "x", 500)), Section("A", parts(1, 1, "x", 500), "<", ">"), Section("B", [])]
    assert composed(sections, 100) == ["A", "-2 x"]


SECTIONS = st.lists(
    st.builds(
        Section,
        st.sampled_from(["A", "B"]),
        st.lists(
            st.builds(Part, st.text("x", min_size=1, max_size=80), st.integers(0, 3), st.sampled_from(["a", "b"])),
            max_size=20,
        ),
        st.sampled_from(["", "<"]),
        st.sampled_from(["", ">"]),
    ),
    max_size=5,
)


@given(SECTIONS, st.integers(0, 1000), st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 300)))
def test_it_never_takes_more_than_its_room(sections: list[Section], room: int, shares: dict[str, int]) -> None:
    blocks = composed(sections, room, shares)
    told = [block for block in blocks if block.startswith("-")]
    fixed = sum(len(each.title + each.opening + each.closing) + 8 for each in sections) + sum(map(len, told)) + 40
    assert len("\n\n".join(blocks)) <= max(room, fixed)
    lost = sum(int(block.split()[0][1:]) for block in told)
    shown = sum(len(block.strip("<>").split("\n\n")) for block in blocks if "x" in block)
    assert lost + shown == sum(len(each.parts) for each in sections)
