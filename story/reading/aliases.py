"""Which of the names that a text uses are names of the same person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Literal

from story.reading.lexicon import (
    FEMALE_NAMES,
    FEMALE_TITLES,
    MAIDEN_TITLES,
    MALE_NAMES,
    MALE_TITLES,
    MARRIED_TITLES,
    NOBLE_TITLES,
    SHORT_FORMS,
)
from story.reading.sightings import Form, Sightings

Sex = Literal["he", "she", ""]

DOMINANT = 5
"""How many times more often one bearer of a name is named than the next, to be meant where it stands alone."""

_STRAY = 20
"""How many times more often a word is a surname than a first name, or the other way round, to be that alone."""

_PART = 150
"""How many sentences make a part of a book."""

_SIDE_BY_SIDE = 0.08
"""In which share of their sentences two names may stand together and still be of one person."""


_GROWN = frozenset(["Reverend", "Governor", "Captain", "Doctor", "Judge", "Justice", "Bishop"])
_UNMARRIED = (MAIDEN_TITLES | {"Ms"}, {"Mr"})


def _said_as() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for long, shorts in SHORT_FORMS.items():
        for short in shorts:
            found[long].add(short)
            found[short].add(long)
    return dict(found)


_SAID_AS = _said_as()
"""By a first name, those that it is short for and that are short for it."""


class Group:
    """Forms that name one person. It grows while names are joined."""

    def __init__(self, form: Form, one: Sightings) -> None:
        self.seen: dict[Form, Sightings] = {form: one}
        self.is_shared = False

    @property
    def count(self) -> int:
        """How often the person is named."""
        return sum(one.count for one in self.seen.values())

    @property
    def titles(self) -> set[str]:
        """Every word of every title."""
        return {word for form in self.seen for word in form.title.split()}

    @property
    def told_sex(self) -> Sex:
        """What the titles tell of, else the first name."""
        for men, women in ((MALE_TITLES, FEMALE_TITLES), (MALE_NAMES, FEMALE_NAMES)):
            words = self.titles if men is MALE_TITLES else {form.words[0] for form in self.seen}
            if bool(words & men) != bool(words & women):
                return "he" if words & men else "she"
        return ""

    @property
    def sex(self) -> Sex:
        """What the names tell of, else the pronouns that follow."""
        he = sum(one.he for one in self.seen.values())
        she = sum(one.she for one in self.seen.values())
        followed: Sex = "he" if he > max(8, 3 * she) else "she" if she > max(8, 3 * he) else ""
        return self.told_sex or followed

    def stands_beside(self, other: Group) -> bool:
        """Whether the two are named in one sentence more often than two names of one person are."""
        mine: set[int] = set().union(*(one.sentences for one in self.seen.values()))
        theirs: set[int] = set().union(*(one.sentences for one in other.seen.values()))
        return len(mine & theirs) > max(1, _SIDE_BY_SIDE * min(len(mine), len(theirs)))

    def keeps_company(self, other: Group) -> bool:
        """Whether the two are named in the same parts of the book, as two names of one person are."""
        mine, theirs = (
            {place // _PART for one in group.seen.values() for place in one.sentences} for group in (self, other)
        )
        return len(mine & theirs) >= 0.5 * min(len(mine), len(theirs))

    def is_titled(self, titles: frozenset[str]) -> bool:
        """Whether one of these titles is given to the person, and not by the way."""
        called = sum(one.count for form, one in self.seen.items() if titles & set(form.title.split()))
        return called > max(1, 0.03 * self.count)

    def may_be(self, other: Group) -> bool:
        """Whether nothing speaks against one person."""
        return _is_one_sex(self, other) and not self.stands_beside(other)


def grouped(seen: Mapping[Form, Sightings]) -> list[Group]:
    """The forms of a text by the person whom they name; what may mean several persons stays alone."""
    joined = _Joined(seen)
    joined.join_full_names()
    for word in joined.single_words():
        joined.join_single(word)
    joined.join_short_forms()
    joined.join_descriptions()
    return joined.groups()


class _Joined:
    """The groups so far, by form."""

    def __init__(self, seen: Mapping[Form, Sightings]) -> None:
        self._of = {form: Group(form, one) for form, one in seen.items()}
        self._seen = seen
        self._full = [form for form in seen if len(form.words) > 1 and form.title != "the"]
        self._single: dict[str, list[Form]] = defaultdict(list)
        for form in seen:
            if len(form.words) == 1 and form.title != "the":
                self._single[form.words[0]].append(form)
        self._by_first = _indexed(self._full, lambda form: form.words[0])
        self._by_last = _indexed(self._full, lambda form: form.words[-1])
        # In old books a master is a grown man, as is a governor; elsewhere he is a boy.
        titles = [{word for form in forms for word in form.title.split()} for forms in self._single.values()]
        self._has_grown_masters = any("Master" in one and one & _GROWN for one in titles)

    def groups(self) -> list[Group]:
        """Every group once, in the order of the text."""
        return list(dict.fromkeys(self._of.values()))

    def single_words(self) -> list[str]:
        """Names of one word: surnames last, as they ask who else is called so; the most frequent first."""
        surnames = {form.words[-1] for form in self._full}
        return sorted(self._single, key=lambda word: (word in surnames, -self._total(self._single[word])))

    def join_full_names(self) -> None:
        """A first name and a surname are one person, with any title of the same sex and with a short first name."""
        by_surname: dict[str, list[Form]] = defaultdict(list)
        for form in sorted(self._full, key=lambda form: -self._seen[form].count):
            same = (one for one in by_surname[form.words[-1]] if _is_same_name(one.words, form.words))
            for other in same:
                # Mrs. before the whole name may stand before her husband's.
                is_wifes = form.title == "Mrs" or other.title == "Mrs"
                if self._merge(self._of[other], self._of[form], _are_women if is_wifes else _is_one_sex):
                    break
            by_surname[form.words[-1]].append(form)

    def join_single(self, word: str) -> None:
        """Gives a name of one word, bare and with each title, to those whose first name or surname it is."""
        with_first, with_last = self._by_first.get(word, ()), self._by_last.get(word, ())
        as_first, as_last = self._total(with_first), self._total(with_last)
        if not as_first and not as_last:
            self._join_alone(word)
        elif as_last < as_first and as_last <= max(1, as_first / _STRAY):
            self._join_first(word, self._bearers(with_first))
        else:
            is_first_too = as_first > max(1, as_last / _STRAY)
            self._join_surname(word, self._bearers(with_last), is_first_too=is_first_too)

    def join_short_forms(self) -> None:
        """Cathy is Catherine where there is one Catherine."""
        firsts = _indexed(filter(_has_first_name, self._seen), lambda form: form.words[0])
        for word in self.single_words():
            group = self._of[self._single[word][0]]
            if any(len(form.words) > 1 for form in group.seen):
                continue
            called = (form for name in _SAID_AS.get(word, ()) for form in firsts.get(name, ()))
            others = [one for one in self._bearers(called) if one is not group]
            if len(others) == 1 and not others[0].is_shared and not group.is_shared:
                self._merge(others[0], group, Group.may_be)

    def join_descriptions(self) -> None:
        """The Professor is the one who has this title, where one has it."""
        titled = _indexed(self._seen, lambda form: form.title)
        for form in titled.get("the", ()):
            holders = self._bearers(titled.get(" ".join(form.words), ()))
            many = Form("the", (*form.words[:-1], f"{form.words[-1]}s"))
            holder = _dominant(holders)
            if holder and holder.count > 2:
                self._merge(holder, self._of[form], Group.may_be)
            elif many in self._of and self._of[many].count > self._of[form].count:
                self._merge(self._of[many], self._of[form], _is_one_sex)

    def _total(self, forms: Iterable[Form]) -> int:
        return sum(self._seen[form].count for form in forms)

    def _bearers(self, forms: Iterable[Form]) -> list[Group]:
        return list(dict.fromkeys(self._of[form] for form in forms))

    def _join_first(self, word: str, bearers: Sequence[Group]) -> None:
        """A first name."""
        bare = Form("", (word,))
        called = [one for one in bearers if not _is_only_noble(one)]
        meant = _dominant(called, 3)
        if bare in self._of:
            if meant:
                self._merge(meant, self._of[bare], _is_one_told_sex)
            self._of[bare].is_shared = len(called) > 1 and not meant
        for form in self._titled(word):
            target = self._of.get(bare, meant)
            if set(form.title.split()) & NOBLE_TITLES:
                target = self._noble(form, bearers, target)
            if target:
                self._merge(target, self._of[form], _is_one_sex)

    def _noble(self, form: Form, bearers: Sequence[Group], target: Group | None) -> Group | None:
        """Lady Catherine is Lady Catherine de Bourgh; King Rudolf is not Rudolf whose name is Mr. Rassendyll."""
        same_title = [one for one in bearers if any(other.title == form.title for other in one.seen)]
        if len(same_title) == 1:
            return same_title[0]
        surnames = {full.words[-1] for full in target.seen if len(full.words) > 1} if target else set()
        common = {title for name in surnames for other in self._titled(name) for title in other.title.split()}
        return None if common & {"Mr", "Mrs", "Miss"} else target

    def _join_surname(self, word: str, everybody: Sequence[Group], *, is_first_too: bool) -> None:
        """A surname, or a word that is one person's surname and another's first name."""
        bearers = [one for one in everybody if self._has_own_first_name(one)]
        others = [one for one in everybody if one not in bearers]
        is_maidens = self._is_maidens(word)
        men = [one for one in bearers if one.sex == "he" or (not one.sex and not is_maidens)]
        self._join_men(word, men, bearers)
        women = [one for one in bearers if one.sex != "he"]
        for form in self._titled(word):
            if set(form.title.split()) & FEMALE_TITLES:
                self._join_woman(form, women)
        bare = self._of.get(Form("", (word,)))
        if not bare:
            return
        if is_first_too:
            bare.is_shared = True
            return
        named = list(dict.fromkeys([*everybody, *map(self._of.__getitem__, self._titled(word))]))
        meant = named[0] if len(named) == 1 else _dominant([one for one in named if one.sex == "he"])
        if meant and meant not in others:
            self._merge(meant, bare, _is_one_sex)
        else:
            bare.is_shared = True

    def _is_maidens(self, word: str) -> bool:
        """Whether a surname is more often a Miss's than a Mr's."""
        miss, mr = (self._total(form for form in self._titled(word) if form.title in kind) for kind in _UNMARRIED)
        return miss > mr

    def _has_own_first_name(self, group: Group) -> bool:
        """Whether nobody else is called by the first name, so that the bearer can be the one of the surname."""
        firsts = {form.words[0] for form in group.seen if len(form.words) > 1}
        return all(self._of.get(Form("", (first,)), group) is group for first in firsts)

    def _join_men(self, word: str, men: Sequence[Group], bearers: Sequence[Group]) -> None:
        forms = [form for form in self._titled(word) if self._is_mans(form)]
        is_only_women = not men and not any(set(form.title.split()) & MALE_TITLES for form in forms)
        meant = _dominant(bearers if is_only_women else men)
        for form in forms:
            same_title = [one for one in men if any(other.title == form.title for other in one.seen)]
            target = same_title[0] if len(same_title) == 1 and form.title != "Mr" else meant
            if target and not _is_younger(target, form, self._seen[form].count):
                self._merge(target, self._of[form], _is_womans if is_only_women else Group.may_be)
        self._join_titled(word, self._is_mans)

    def _is_mans(self, form: Form) -> bool:
        """Whether a title may be a grown man's."""
        titles = set(form.title.split())
        return not titles & FEMALE_TITLES and ("Master" not in titles or self._has_grown_masters or len(titles) > 1)

    def _join_woman(self, form: Form, women: Sequence[Group]) -> None:
        titles = set(form.title.split())
        same_title = [one for one in women if any(other.title == form.title for other in one.seen)]
        unmarried = [one for one in women if not one.is_titled(MARRIED_TITLES)]
        if titles & MAIDEN_TITLES or "Ms" in titles:
            if len(unmarried) == 1:
                self._merge(unmarried[0], self._of[form], Group.may_be)
            self._of[form].is_shared = len(unmarried) > 1
        elif titles & MARRIED_TITLES:
            if len(women) == 1 and self._is_married(women[0], form):
                self._merge(women[0], self._of[form], Group.may_be)
        elif len(same_title) == 1:
            self._merge(same_title[0], self._of[form], Group.may_be)

    def _is_married(self, woman: Group, form: Form) -> bool:
        """Whether Mrs. Verloc is Winnie Verloc, and not the mother of a girl of this name.

        A married title is seen with the whole name, or it is as usual as the name of a heroine is, in the same parts
        of the book.
        """
        if woman.titles & MARRIED_TITLES:
            return True
        has_bare = any(len(other.words) == 1 and not other.title for other in woman.seen)
        is_usual = has_bare and self._seen[form].count > 0.15 * woman.count
        return is_usual and not woman.is_titled(MAIDEN_TITLES) and woman.keeps_company(self._of[form])

    def _join_alone(self, word: str) -> None:
        """A name of one word that is in no full name."""
        self._join_titled(word, self._is_mans)
        for kind in (MARRIED_TITLES, MAIDEN_TITLES, FEMALE_TITLES - MARRIED_TITLES - MAIDEN_TITLES):
            self._join_titled(word, partial(_is_titled, kind=kind))
        bare = self._of.get(Form("", (word,)))
        titled = list(dict.fromkeys(self._of[form] for form in self._titled(word)))
        if bare and titled:
            meant = _dominant([one for one in titled if one.sex != "she"]) or _dominant(titled)
            self._merge(meant or bare, bare, _is_one_sex)

    def _join_titled(self, word: str, fits: Callable[[Form], bool]) -> None:
        """Joins the titled forms of a name that fit, such as Mr and Dr, to the most frequent of them."""
        forms = [form for form in self._titled(word) if fits(form)]
        for form in forms[1:]:
            self._merge(self._of[forms[0]], self._of[form], Group.may_be)

    def _titled(self, word: str) -> list[Form]:
        titled = (form for form in self._single.get(word, ()) if form.title)
        return sorted(titled, key=lambda form: -self._seen[form].count)

    def _merge(self, into: Group, group: Group, allowed: Callable[[Group, Group], bool]) -> bool:
        if into is group or not allowed(into, group):
            return into is group
        into.seen |= group.seen
        self._of |= dict.fromkeys(group.seen, into)
        return True


def _indexed(forms: Iterable[Form], key: Callable[[Form], str]) -> dict[str, list[Form]]:
    """The forms by what they have in common, each list in the order given."""
    found: dict[str, list[Form]] = defaultdict(list)
    for form in forms:
        found[key(form)].append(form)
    return found


def _is_titled(form: Form, kind: frozenset[str]) -> bool:
    return bool(set(form.title.split()) & kind)


def _is_one_sex(one: Group, other: Group) -> bool:
    """Whether the sexes agree; pronouns alone, on both sides, are no proof that they do not."""
    if not (one.told_sex or other.told_sex):
        return True
    return not one.sex or not other.sex or one.sex == other.sex


def _is_womans(woman: Group, titled: Group) -> bool:
    """Whether a title of either sex, such as Judge, is hers and not her father's."""
    he, she = (sum(getattr(one, sex) for one in titled.seen.values()) for sex in ("he", "she"))
    return he <= she and woman.keeps_company(titled) and woman.may_be(titled)


def _is_one_told_sex(one: Group, other: Group) -> bool:
    return not one.told_sex or not other.told_sex or one.told_sex == other.told_sex


def _are_women(one: Group, other: Group) -> bool:
    return one.sex == other.sex == "she"


def _is_same_name(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two full names with the same surname agree: Long John Silver is John Silver."""
    return set(one) <= set(other) or set(other) <= set(one) or _is_same_first(one[0], other[0])


def _is_same_first(one: str, other: str) -> bool:
    is_initial = 1 in {len(one), len(other)} and one[0] == other[0]
    return one == other or is_initial or _is_short(one, other) or _is_short(other, one)


def _is_short(long: str, short: str) -> bool:
    return short in SHORT_FORMS.get(long, ())


def _has_first_name(form: Form) -> bool:
    return form.title != "the" and not _is_surname_only(form)


def _is_surname_only(form: Form) -> bool:
    return len(form.words) == 1 and bool(set(form.title.split()) & (MARRIED_TITLES | {"Mr", "Doctor"}))


def _is_only_noble(group: Group) -> bool:
    return all(set(form.title.split()) & NOBLE_TITLES for form in group.seen)


def _is_younger(group: Group, form: Form, count: int) -> bool:
    """Whether ``Mr. John Knightley`` is told apart from ``Mr. Knightley``, who is named far more often."""
    titled = sum(one.count for other, one in group.seen.items() if other.title == form.title and len(other.words) > 1)
    return titled * 3 > group.count and count > 3 * group.count


def _dominant(groups: Iterable[Group], times: int = DOMINANT) -> Group | None:
    """The only one, or the one that is named so many times more often than the next."""
    ranked = sorted(groups, key=lambda one: -one.count)
    if not ranked or (len(ranked) > 1 and ranked[0].count < times * ranked[1].count):
        return None
    return ranked[0]
