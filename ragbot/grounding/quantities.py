"""Numbers with their units, times and dates in a text: "20 dollars" is "$20", and "5 hours" is not "5 days"."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure at ``text[start:end]``. ``values`` are its possible readings: "1.200" may be 1.2 or 1200.

    ``dimension`` is what it counts (``USD``, ``time``, ``%``, ``date``) and None for a bare number; ``factor``
    brings it to the dimension's base. ``soft`` figures ("a day", "one of them") support a claim but claim nothing.
    """

    values: frozenset[float]
    dimension: str | None
    start: int
    end: int
    factor: float = 1.0
    soft: bool = False

    @property
    def based(self) -> frozenset[float]:
        return frozenset(round(value * self.factor, 6) for value in self.values)

    def held_by(self, others: Iterable["Quantity"]) -> float:
        """1.0 where another says the same, 0.5 where one has the number without the unit, else 0.0."""
        best = 0.0
        for other in others:
            bare = self.dimension is None or other.dimension is None
            same = self.values & other.values if bare else self.based & other.based
            if same and (self.dimension is None or self.dimension == other.dimension):
                return 1.0
            if same and other.dimension is None:
                best = 0.5
        return best


def unit_named(quantity: Quantity, folded: Iterable[str]) -> bool:
    """Whether words, such as a table's header, name the quantity's unit."""
    return any(_UNITS.get(word) == (quantity.dimension, quantity.factor) for word in folded)


def _table(*rows: tuple[str, str, float]) -> dict[str, tuple[str, float]]:
    return {form: (dimension, factor) for forms, dimension, factor in rows for form in forms.split()}


_UNITS = _table(
    ("second seconds sec secs s", "time", 1), ("minute minutes min mins", "time", 60),
    ("hour hours hr hrs h", "time", 3600), ("day days", "time", 86400), ("week weeks", "time", 604800),
    ("ms millisecond milliseconds", "time", 0.001), ("month months", "months", 1), ("quarter quarters", "months", 3),
    ("year years yr yrs", "months", 12), ("byte bytes", "bytes", 1), ("kb kilobyte kilobytes", "bytes", 1e3),
    ("mb megabyte megabytes", "bytes", 1e6), ("gb gigabyte gigabytes", "bytes", 1e9),
    ("tb terabyte terabytes", "bytes", 1e12), ("% percent pct", "%", 1), ("$ us$ usd dollar dollars", "USD", 1),
    ("€ eur euro euros", "EUR", 1), ("£ gbp", "GBP", 1), ("¥ jpy yen", "JPY", 1), ("₹ inr rupee rupees", "INR", 1),
    ("chf", "CHF", 1), ("cad", "CAD", 1), ("aud", "AUD", 1), ("cent cents", "cents", 1), ("mm", "metre", 0.001),
    ("cm", "metre", 0.01), ("km kilometre kilometres kilometer kilometers", "metre", 1000),
    ("metre metres meter meters m", "metre", 1), ("mile miles", "mile", 1), ("ft foot feet", "foot", 1),
    ("inch inches", "inch", 1), ("kg kilogram kilograms kilo kilos", "gram", 1000), ("gram grams", "gram", 1),
    ("lb lbs", "lb", 1), ("hz", "hz", 1), ("khz", "hz", 1e3), ("mhz", "hz", 1e6), ("ghz", "hz", 1e9),
)  # fmt: skip
_SCALES = {"thousand": 1e3, "k": 1e3, "million": 1e6, "mn": 1e6, "billion": 1e9, "bn": 1e9, "trillion": 1e12}
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_NAMED = {name: float(value) for value, name in enumerate([*_ONES.split(), "eighteen", "nineteen"])}
_NAMED |= {name: 10.0 * value for value, name in enumerate(_TENS.split(), start=2)}
_NAMED |= {"dozen": 12.0, "hundred": 100.0, "thousand": 1e3, "million": 1e6}
_MULTIPLIERS = frozenset({"dozen", "hundred", "thousand", "million"})
_MONTH_NAMES = (
    "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
    "september sept sep", "october oct", "november nov", "december dec",
)  # fmt: skip
_MONTHS = {form: number for number, forms in enumerate(_MONTH_NAMES, start=1) for form in forms.split()}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE = re.compile(
    rf"\b(?P<y1>\d{{4}})-(?P<m1>\d\d)-(?P<d1>\d\d)\b"
    rf"|\b(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m2>{_MONTH})\b\.?,?(?:\s+(?P<y2>\d{{4}})\b)?"
    rf"|\b(?P<m3>{_MONTH})\b\.?\s+(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,?\s+(?P<y3>\d{{4}})\b)?"
    rf"|\b(?P<m4>{_MONTH})\b\.?,?\s+(?P<y4>\d{{4}})\b"
)
_CLOCK = re.compile(r"\b(\d{1,2})(?:[:.](\d\d))?\s?([ap])\.?m\b\.?|\b([01]?\d|2[0-3]):([0-5]\d)\b")
_NUMBER = re.compile(
    r"(?<![a-zß-ÿ0-9_.,])(?<![a-z]-)(us\$|[$€£¥₹]|(?:usd|eur|gbp|jpy|chf|cad|aud|inr)(?= ?\d))?\s?"
    r"(\d+(?:[.,]\d+)*)(st|nd|rd|th|[^\W\d_]{1,12})?(?![a-z0-9_@])"
)
_WRITTEN = re.compile(rf"\b(?:{'|'.join(_NAMED)})(?:[ -](?:and )?(?:{'|'.join(_NAMED)}))*\b|\ban?(?= \w+)")
_AFTER = re.compile(
    r"[ \t-]{0,2}(?:(?:business|working|calendar|consecutive|full|additional|more|whole|us)[ -])?(%|[^\W\d_]+|[$€£])"
)
_BETWEEN = re.compile(r"\s*(?:-|–|to|or|and)\s*$")
_DIGIT = re.compile(r"\d")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+$")


def quantities(cleaned: str) -> list[Quantity]:
    """The figures of a cleaned text, in order."""
    text = cleaned.casefold()
    found: list[Quantity] = []
    if _DIGIT.search(text):
        for pattern, read in ((_DATE, _date), (_CLOCK, _clock)):
            matches = list(pattern.finditer(text))
            for match in matches:
                found += read(match)
                text = f"{text[: match.start()]}{' ' * len(match[0])}{text[match.end() :]}"
        found += _numbers(text)
    found += _written(text)
    found.sort(key=lambda quantity: quantity.start)
    return _shared_units(text, found)


def _date(match: re.Match[str]) -> list[Quantity]:
    """The day, month and year as one figure, and in parts, so that "in March 2024" stands in "3 March 2024"."""
    kind = next(i for i in "1234" if match[f"m{i}"])
    parts = {name: match.groupdict().get(f"{name}{kind}") for name in "ymd"}
    month = float(_MONTHS.get(parts["m"] or "", 0) or int(parts["m"] or 0))
    year, day = (float(parts[name] or 0) for name in "yd")
    whole = Quantity(frozenset({year * 10000 + month * 100 + day}), "date", *match.span())
    smaller = {year * 10000 + month * 100, month * 100 + day} - {month * 100, *whole.values}
    softer = [replace(whole, values=frozenset({value}), soft=True) for value in sorted(smaller)]
    bare = [replace(whole, values=frozenset({year}), dimension=None, soft=True)] if year else []
    return [whole, *softer, *bare]


def _clock(match: re.Match[str]) -> list[Quantity]:
    hour, minute, half, plain_hour, plain_minute = match.groups()
    minutes = int(plain_hour or hour) * 60 + int(plain_minute or minute or 0)
    if half:
        minutes = minutes % 720 + (720 if half == "p" else 0)
    return [Quantity(frozenset({float(minutes)}), "clock", *match.span())]


def _numbers(text: str) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(text):
        sign, digits, tail = match.groups()
        values = _readings(digits)
        if not values:
            continue
        start, end = match.start(2), match.end(2)
        if tail in ("st", "nd", "rd", "th"):
            yield Quantity(values, "ordinal", start, match.end())
        elif (
            tail is None
            or (not tail.isascii() and tail not in _UNITS)
            or tail in _UNITS
            or tail in _SCALES
            or tail == "m"
        ):
            yield _measured(text, values, start, end, sign)


def _readings(digits: str) -> frozenset[float]:
    """What the digits may mean; nothing for versions and addresses such as 3.2.1."""
    if len(digits) > 30:
        return frozenset()
    readings: set[float] = set()
    if _THOUSANDS.match(digits):
        readings.add(float(re.sub("[.,]", "", digits)))
    separators = re.sub(r"\d", "", digits)
    if len(separators) == 0:
        readings.add(float(digits))
    elif len(separators) == 1:
        readings.add(float(digits.replace(",", ".")))
    elif separators[:-1] == separators[0] * (len(separators) - 1) and separators[-1] != separators[0]:
        readings.add(
            float(re.sub("[.,]", "", digits[: digits.rindex(separators[-1])]) + "." + digits.rsplit(separators[-1])[-1])
        )
    return frozenset(readings)


def _measured(
    text: str, values: frozenset[float], start: int, end: int, sign: str | None, soft: bool = False
) -> Quantity:
    """A number with its scale and unit: those behind it, or the currency sign in front."""
    scale = 1.0
    after = _AFTER.match(text, end)
    if after and (after[1] in _SCALES or (after[1] == "m" and sign)):
        scale = _SCALES.get(after[1], 1e6)
        end = after.end()
        after = _AFTER.match(text, end)
    scaled = frozenset(value * scale for value in values)
    if sign:
        return Quantity(scaled, _UNITS[sign][0], start, end, soft=soft)
    if after and after[1] in _UNITS and not (after[1] in ("s", "h") and text[end : end + 1] == " "):
        dimension, factor = _UNITS[after[1]]
        return Quantity(scaled, dimension, start, after.end(), factor, soft=soft)
    return Quantity(scaled, None, start, end, soft=soft)


def _written(text: str) -> Iterator[Quantity]:
    for match in _WRITTEN.finditer(text):
        article = match[0] in ("a", "an")
        if match[0] in _MULTIPLIERS and text[: match.start()].rstrip()[-1:].isdigit():
            continue  # the "million" of "1.5 million" is read with its number
        quantity = _measured(text, frozenset({1.0 if article else _spelled(match[0])}), *match.span(), None)
        if not article:
            yield replace(quantity, soft=match[0] == "one" and quantity.dimension is None)
        elif quantity.dimension is not None:
            yield replace(quantity, soft=True)


def _spelled(name: str) -> float:
    total, current = 0.0, 0.0
    for part in re.split(r"[ -]", name.replace(" and ", " ")):
        value = _NAMED[part]
        if part not in _MULTIPLIERS:
            current += value
        elif part == "hundred" or part == "dozen":
            current = max(current, 1.0) * value
        else:
            total, current = total + max(current, 1.0) * value, 0.0
    return total + current


def _shared_units(text: str, found: list[Quantity]) -> list[Quantity]:
    """In "3 to 5 days" and "$10-20" both numbers have the unit."""
    for i in range(len(found) - 1):
        one, other = found[i], found[i + 1]
        if (one.dimension is None) == (other.dimension is None) or not _BETWEEN.match(
            text[one.end : other.start].lstrip("$€£")
        ):
            continue
        if one.dimension is None and other.dimension not in ("date", "clock", "ordinal"):
            found[i] = replace(one, dimension=other.dimension, factor=other.factor)
        elif other.dimension is None and one.dimension in ("USD", "EUR", "GBP", "%"):
            found[i + 1] = replace(other, dimension=one.dimension)
    return found
