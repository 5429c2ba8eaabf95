"""Who the people of a novel are, read out of its text alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from story.base import Value, slug, word_count
from story.cast import Cast, Character
from story.reading.aliases import Group, grouped
from story.reading.lexicon import FEMALE_NAMES, MALE_NAMES
from story.reading.mentions import mentions
from story.reading.sightings import Form, Sightings, sightings

_MANY = 8
"""From how many uses on it tells something that a sign is missing."""


class Person(Value):
    """Somebody in a novel: a stable id, the fullest name, what else they are called, and how often they are named."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    mentions: int

    @property
    def names(self) -> tuple[str, ...]:
        """Everything this person is called."""
        return (self.name, *self.aliases)


def people(chapters: Sequence[str]) -> tuple[Person, ...]:
    """The people who are named in the chapters of an English novel, the most often named first.

    Two names are given to one person only where the text leaves no other reading; a name that may mean several
    people stands for itself, or for nobody when each of them has another name.
    """
    text = "\n\n".join(chapters)
    groups = grouped(sightings(text))
    words = word_count(text)
    persons = [group for group in groups if _is_person(group, words)]
    known = {form for group in persons for form in group.seen}
    persons += [group for group in groups if next(iter(group.seen)) not in known and _is_in_company(group, known)]
    bearers = _by_surname(persons)
    firsts = {form.words[0] for one in persons for form in one.seen if len(form.words) > 1}
    found = [group for group in persons if group.count > 1 and not _is_anybody(group, bearers, firsts)]
    return _counted(text, [tuple(_names(group)) for group in found])


def cast_of(found: Iterable[Person]) -> Cast:
    """The cast that these people make."""
    return Cast(characters=tuple(Character(id=one.id, name=one.name, aliases=one.aliases) for one in found))


def _counted(text: str, called: Sequence[tuple[str, ...]]) -> tuple[Person, ...]:
    ids = _ids(names[0] for names in called)
    counts = Counter(one.key for one in mentions(text, dict(zip(ids, called, strict=True))))
    found = [
        Person(id=key, name=names[0], aliases=names[1:], mentions=counts[key])
        for key, names in zip(ids, called, strict=True)
        if counts[key]
    ]
    return tuple(sorted(found, key=lambda one: -one.mentions))


def _ids(names: Iterable[str]) -> list[str]:
    """A slug of each name; what is taken gets a number."""
    taken: dict[str, int] = {}
    for name in names:
        plain = key = slug(name)
        while key in taken:
            taken[plain] += 1
            key = f"{plain}-{taken[plain]}"
        taken[key] = 1
    return list(taken)


def _is_person(group: Group, words: int) -> bool:
    """Whether the signs of a person outweigh the others."""
    seen = group.seen
    count = group.count
    said = sum(one.said for one in seen.values())
    acts = sum(one.acts for one in seen.values())
    signs = 3 * said + acts + sum(one.close for one in seen.values()) + _first_names(seen)
    if all(form.title == "the" for form in seen):
        return _is_figure(next(iter(seen)), count, said + acts, words)
    if _is_spoken_of_as_the(group) and said >= max(4, 0.08 * count):
        return True
    against = sum(2 * one.places + one.articles for form, one in seen.items() if not form.title)
    if any(form.title not in {"", "the"} for form in seen):
        return against < count
    if count >= _MANY and said < 0.1 * count and sum(one.he + one.she for one in seen.values()) < 0.15 * count:
        signs /= 2  # whom no pronoun follows may be a town that acts
    return signs >= max(2, 0.07 * count) and signs > against and against < 0.4 * count


def _is_in_company(group: Group, known: set[Form]) -> bool:
    """Whether it is named together with people in one breath, as nothing else is."""
    company = sum(times for one in group.seen.values() for form, times in one.beside.items() if form in known)
    against = sum(2 * one.places + one.articles for one in group.seen.values())
    return company >= max(2, 0.2 * group.count) and company > 2 * against


def _is_spoken_of_as_the(group: Group) -> bool:
    """Whether it stands behind an article nearly always, as in the Mock Turtle."""
    if any(form.title for form in group.seen):
        return False
    bare = group.seen.values()
    return sum(one.articles for one in bare) > 0.6 * sum(one.count for one in bare)


def _first_names(seen: dict[Form, Sightings]) -> float:
    """The weight of names that begin with a known first name; alone it is less of a sign than before a surname."""
    known = {form: one.count for form, one in seen.items() if form.words[0] in MALE_NAMES | FEMALE_NAMES}
    return sum(count if len(form.words) > 1 else 0.2 * count for form, count in known.items())


def _is_figure(form: Form, count: int, doings: int, words: int) -> bool:
    """Whether a description is a person of the book: often there, and doing something.

    Those of many, such as a people, only where the book is about them.
    """
    often = words / 1000 if form.words[-1].endswith("s") else words / 10000
    return count >= max(5, often) and doings >= 0.05 * count


def _by_surname(groups: Iterable[Group]) -> dict[str, set[Group]]:
    found: dict[str, set[Group]] = defaultdict(set)
    for one in groups:
        for form in one.seen:
            found[form.words[-1]].add(one)
    return found


def _is_anybody(group: Group, bearers: Mapping[str, set[Group]], firsts: set[str]) -> bool:
    """Whether it is a surname of several who are all named otherwise, and more often."""
    if not group.is_shared:
        return False
    form = next(iter(group.seen))
    word = form.words[-1]
    counts = (one.count for one in bearers[word] if one is not group)
    return not (word in firsts and not form.title) and max(counts, default=0) > group.count


def _names(group: Group) -> list[str]:
    """As the text writes them: the fullest untitled name first, else the most frequent."""
    with_the = _is_spoken_of_as_the(group)
    written = {
        form: ("the " if form.title == "the" or (with_the and not form.title) else "")
        + one.written.most_common(1)[0][0]
        for form, one in group.seen.items()
    }
    by_count = sorted(written, key=lambda form: -group.seen[form].count)
    full = [form for form in by_count if len(form.words) > 1 and not form.title and group.seen[form].count > 1]
    first = (full or by_count)[0]
    names = [written[form] for form in (first, *by_count)]
    return list(dict.fromkeys(names))
