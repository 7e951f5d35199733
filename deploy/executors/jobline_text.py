"""How the examples compare text: one normalisation for every script, and what more is done for names, phones and dates.

`fold` is the whole of it for most values. Two texts with the same fold differ at most in

  - case and width, and characters that Unicode calls compatible (NFKC and case folding): İ, I, ı and i are one letter
  - the script of decimal digits: ٣, ३ and 3 are one digit
  - characters that nobody sees (Default_Ignorable_Code_Point): soft hyphens, joiners, direction and variation marks

Names and addresses lose punctuation besides, and Latin, Greek and Cyrillic letters their accents. Every other letter,
mark and digit stays, whatever its script: a vowel sign of Devanagari or a dakuten of Kana tells people apart.
"""

import functools
import re
import unicodedata
from datetime import datetime

IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]")
DIGIT = re.compile(r"[^\D0-9]")
DOT_OF_I = re.compile("(?<=i)\u0307+")
PIECE = 1000  # characters that are normalised at once: the time of it grows with the square of the marks in a row
MAX_MARKS = 32  # more than any script puts on one letter; what follows is left out

ACCENTED_SCRIPTS = ("LATIN ", "GREEK ", "CYRILLIC ")
CYRILLIC_VOWELS = "аеиоуыэюяіѵ"  # й, ї, ў, ѓ and ќ are letters of their own
STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe"})
FRACTION = re.compile("(?=[¼-¾⅐-⅟↉])")
APOSTROPHE = re.compile("['`´’‘ʼʻ′׳״＇\u0640]")  # and the kashida, which only stretches a word

ABBREVIATIONS = {
    "apartment": "apt", "avenue": "ave", "boulevard": "blvd", "circle": "cir", "court": "ct", "drive": "dr",
    "east": "e", "highway": "hwy", "lane": "ln", "north": "n", "parkway": "pkwy", "place": "pl", "road": "rd",
    "south": "s", "square": "sq", "street": "st", "suite": "ste", "terrace": "ter", "west": "w",
}
KEYPAD = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
PHONE_LABEL = r"(?:tel|telephone|phone|mobile|mob|cell|fax|home|work|office)\b\.?"
PHONE_LABELS = re.compile(rf"^\s*{PHONE_LABEL}\s*:?|\(\s*{PHONE_LABEL}\s*\)")
EXTENSION = re.compile(r"(?<![^\W\d_])(?:extension|ext\.?|x)[\s:=]*\d+\s*$")
DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%m/%d/%Y", "%m-%d-%Y", "%d.%m.%Y", "%d %B %Y", "%d %b %Y",
                "%B %d %Y", "%b %d %Y")


def fold(text):
    """The text in the form that is compared; folding it again changes nothing."""
    if text.isascii():
        return text.lower()
    if len(text) > PIECE + MAX_MARKS:
        return "".join(fold(text[begin:end]) for begin, end in pieces(text, PIECE))
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    text = IGNORABLE.sub("", text).casefold().replace("ı", "i")
    text = DIGIT.sub(lambda digit: str(unicodedata.decimal(digit.group())), text)
    return unicodedata.normalize("NFKC", DOT_OF_I.sub("", text))


@functools.lru_cache(maxsize=10_000)
def continues(character):
    """Whether a character can be folded together with the ones before it: marks, Hangul's vowels and finals."""
    first = unicodedata.normalize("NFKD", character)[:1]
    return first != "" and (
        unicodedata.category(first)[0] == "M" or "\u1160" <= first <= "\u11ff" or bool(IGNORABLE.match(character)))


def pieces(text, size):
    """Cuts a text into pieces that can be folded alone, each of `size` characters and the marks that follow."""
    begin = 0
    while begin < len(text):
        end = min(begin + size, len(text))
        most = min(end + MAX_MARKS, len(text))
        while end < most and continues(text[end]):
            end += 1
        yield begin, end
        while end < len(text) and continues(text[end]):
            end += 1
        begin = end


class Folded:
    """The fold of a text, and the places in the text that its characters come from."""

    def __init__(self, original):
        self.original = original
        if original.isascii():
            self.text = fold(original)
            self.begins, self.ends = range(len(original)), range(1, len(original) + 1)
            return
        parts, self.begins, self.ends = [], [], []
        for begin, end in pieces(original, 1):
            part = fold(original[begin:end])
            while end > begin + 1 and IGNORABLE.match(original[end - 1]):
                end -= 1
            parts.append(part)
            self.begins += [begin] * len(part)
            self.ends += [end] * len(part)
        self.text = "".join(parts)

    def span(self, begin, end):
        """Where a part of the fold, which is not empty, is in the original: from its begin to its end."""
        return self.begins[begin], self.ends[end - 1]

    def is_whole(self, begin, end):
        """Whether a part of the fold begins and ends where characters of the original do."""
        return ((begin == 0 or self.begins[begin - 1] != self.begins[begin])
                and (end == len(self.text) or self.begins[end] != self.begins[end - 1]))


# Values of records, by the type the schema gives a field


def plain(value):
    return " ".join(fold(value).split())


@functools.lru_cache(maxsize=10_000)
def loses_marks(letter):
    return unicodedata.name(letter, "").startswith(ACCENTED_SCRIPTS)


def is_accent(letter, mark):
    """Whether a letter stays the same for its readers without a mark."""
    if "\u0400" <= letter <= "\u052f":
        return mark in "\u0300\u0301" and letter in CYRILLIC_VOWELS or mark == "\u0308" and letter == "е"
    return loses_marks(letter)


def without_accents(text):
    if text.isascii():
        return text
    kept, letter = [], ""
    for character in unicodedata.normalize("NFD", text):
        if unicodedata.category(character)[0] != "M":
            letter = character
        elif letter and is_accent(letter, character):
            continue
        kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept)).translate(STROKES)


def words(value):
    """The words of a text: its letters, the marks on them, and its digits."""
    text = without_accents(fold(FRACTION.sub(" ", value)))
    kept = []
    for character in text:
        category = unicodedata.category(character)[0]
        kept.append(character if category in "LN" or category == "M" and kept and kept[-1] != " " else " ")
    return "".join(kept).split()


def name(value):
    return " ".join(words(APOSTROPHE.sub("", value).replace(".", "")))


def address(value):
    return " ".join(ABBREVIATIONS.get(word, word) for word in words(value))


def phone(value):
    line = EXTENSION.sub("", PHONE_LABELS.sub("", without_accents(fold(value))))
    if not re.search("[0-9]", line):
        return ""  # "none" and "n/a" are nobody's number
    number = "".join(c for c in line.translate(KEYPAD) if unicodedata.category(c)[0] in "LMN").removeprefix("00")
    return number[1:] if len(number) == 11 and number[0] == "1" else number


def date(value):
    tidy = " ".join(fold(value).replace(",", " ").split())
    for form in DATE_FORMATS:
        try:
            return datetime.strptime(tidy, form).date().isoformat()
        except ValueError:
            continue
    return plain(value)


def normaliser(kind):
    if kind.startswith("NAME"):
        return name
    if kind.startswith("PHONE"):
        return phone
    if kind.startswith("ADDRESS"):
        return address
    return date if kind == "DATE" else plain
