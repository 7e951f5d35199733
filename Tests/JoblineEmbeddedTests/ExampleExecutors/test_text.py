"""The normalisation that the examples share, held against Unicode's own data for every script."""

import random
import re
import unicodedata
import unittest

import bench  # finds the executors
import jobline_text as text

CHARACTERS = [c for c in map(chr, range(0x110000)) if unicodedata.category(c) not in ("Cs", "Cn", "Co")]
FORMS = ("NFC", "NFD", "NFKC", "NFKD")


def script(character):
    return unicodedata.name(character, "").split(" ")[0]


class FoldTests(unittest.TestCase):
    def test_every_character_is_folded_alike_in_every_case_and_normal_form(self):
        for character in CHARACTERS:
            folded = text.fold(character)
            self.assertEqual(text.fold(folded), folded, ascii(character))
            variants = {character.upper(), character.lower(), character.title(), character.casefold()}
            variants |= {unicodedata.normalize(form, character) for form in FORMS}
            for variant in variants:
                self.assertEqual(text.fold(variant), folded, ascii((character, variant)))

    def test_folding_merges_only_what_unicode_calls_alike(self):
        # An own formulation: compatibility caseless matching, definition D146 of the Unicode Standard.
        def caseless(value):
            for _ in range(2):
                value = unicodedata.normalize("NFKD", value).casefold()
            return unicodedata.normalize("NFKD", value)

        def expected(value):
            value = "".join(c for c in caseless(value) if not text.IGNORABLE.match(c))
            value = "".join(str(unicodedata.decimal(c, c)) for c in value)
            return value.replace("i\u0307", "i").replace("ı", "i")

        for character in CHARACTERS:
            folded = unicodedata.normalize("NFKD", text.fold(character))
            self.assertEqual(folded, caseless(expected(character)), ascii(character))

    def test_digits_of_every_script_are_the_same_digit(self):
        digits = [c for c in CHARACTERS if unicodedata.category(c) == "Nd"]
        self.assertGreater(len(digits), 600)
        for digit in digits:
            expected = str(unicodedata.decimal(digit))
            for normalise in (text.fold, text.plain, text.name, text.address, text.phone):
                self.assertEqual(normalise(digit), expected, ascii(digit))

    def test_a_letter_keeps_as_many_marks_as_any_script_has(self):
        # Normalising marks in a row takes time that grows with the square of their number.
        for normalise in (text.fold, text.plain, text.name, text.address, lambda value: text.Folded(value).text):
            self.assertLess(len(normalise("ね" + "\u0301\u0323" * 60_000)), 2 * text.PIECE)
            self.assertEqual(normalise("ね" + "\u0323\u0301" * 10), "ね" + "\u0323" * 10 + "\u0301" * 10)


class OffsetTests(unittest.TestCase):
    def test_a_text_folds_to_its_characters_folds_and_each_knows_its_place(self):
        chance = random.Random(7)
        continuing = [c for c in CHARACTERS if text.continues(c)]
        for _ in range(10_000):
            kinds = (CHARACTERS if chance.random() < 0.6 else continuing for _ in range(chance.randint(0, 12)))
            original = "".join(chance.choice(kind) for kind in kinds)
            folded = text.Folded(original)
            self.assertEqual(folded.text, text.fold(original), ascii(original))
            self.assertEqual(len(folded.begins), len(folded.text))
            self.assertEqual(len(folded.ends), len(folded.text))
            for begin in range(len(folded.text)):
                for end in range(begin + 1, len(folded.text) + 1):
                    if folded.is_whole(begin, end):
                        first, last = folded.span(begin, end)
                        self.assertEqual(text.fold(original[first:last]), folded.text[begin:end], ascii(original))

    def test_offsets_are_those_of_the_original(self):
        for original, word in [
            ("ﬃ Ａspirin", "Ａspirin"), ("İİ ibu\u00adprofen.", "ibu\u00adprofen"), ("é e\u0301 ﷺ x", "x"),
            ("각 가\u11a8 x", "x"),
        ]:
            folded = text.Folded(original)
            begin = folded.text.index(text.fold(word))
            first, last = folded.span(begin, begin + len(text.fold(word)))
            self.assertEqual(original[first:last], word)


class NameTests(unittest.TestCase):
    def test_letters_and_marks_of_other_scripts_tell_people_apart(self):
        for one, other in [
            ("राम", "रीमा"), ("バラ", "ハラ"), ("ぱぱ", "はは"), ("Андрей", "Андреи"), ("Їжак", "Іжак"), ("สม", "สิม"),
            ("கா", "க"),
            ("שָׁלוֹם", "שִׁלֵם"), ("ကို", "က"), ("ខ្មែរ", "ខមរ"), ("각", "가"), ("Louis XIV", "Louis XVI"),
            ("Louis 14", "Louis 16"),
            ("李", "季"),
        ]:
            for normalise in (text.name, text.address, text.plain):
                self.assertNotEqual(normalise(one), normalise(other))

    def test_every_letter_and_mark_stays_in_names_and_addresses(self):
        accented = ("LATIN", "GREEK", "CYRILLIC", "ANGSTROM", "OHM", "KELVIN", "MODIFIER", "COMBINING")
        checked = set()
        for character in CHARACTERS:
            folded = text.fold(character)
            if (unicodedata.category(character) not in ("Lu", "Ll", "Lt", "Lo", "Mn", "Mc", "Nl") or not folded
                    or script(character) in accented or not all(unicodedata.category(c)[0] in "LMN" for c in folded)):
                continue
            expected = unicodedata.normalize("NFC", "क" + folded)
            self.assertEqual(unicodedata.normalize("NFC", text.name("क" + character)), expected, ascii(character))
            self.assertEqual(unicodedata.normalize("NFC", text.address("क" + character)), expected, ascii(character))
            checked.add(script(character))
        self.assertGreater(len(checked), 150)

    def test_the_same_name_in_other_clothes(self):
        for one, other in [
            ("José", "JOSE\u0301"), ("Chloé", "Chloe"), ("Søren", "SOREN"), ("IŞIK", "ışık"), ("İpek", "ipek"),
            ("O’Brien", "O´Brien"),
            ("Семён", "СЕМЕН"), ("ΆΓΓΕΛΟΣ", "Αγγελος"), ("محـمد", "محمد"), ("علی\u200cرضا", "علیرضا"), ("ﾊﾞﾗ", "バラ"),
            ("J.R. Doe", "jr doe"),
            ("Jean-Luc", "JEAN LUC"), ("ＡＮＮＡ", "anna"), ("ﬁona", "Fiona"), ("葛\U000e0100", "葛"), ("Straße", "STRASSE"),
        ]:
            self.assertEqual(text.name(one), text.name(other))
            self.assertNotEqual(text.name(one), "")


class AddressTests(unittest.TestCase):
    def test_numbers_stay_apart(self):
        for one, other in [
            ("12½ Main St", "121/2 Main St"), ("١٢ شارع", "١٣ شارع"), ("1.2 Main", "12 Main"),
            ("१२ मार्ग", "१२ मीर्ग"),
        ]:
            self.assertNotEqual(text.address(one), text.address(other))

    def test_the_same_address(self):
        for one, other in [
            ("12½ North Main Street", "12 1/2 N. MAIN ST"), ("१२ मार्ग", "12 मार्ग"), ("Ａ３ Straße", "a3 strasse"),
        ]:
            self.assertEqual(text.address(one), text.address(other))


class PhoneTests(unittest.TestCase):
    def test_the_same_number(self):
        for one, other in [
            ("1-800-FLOWERS", "1 (800) 356-9377"), ("1-800-flowers", "８００ ＦＬＯＷＥＲＳ"), ("٥٥٥ ٠١٠ ٠١٠١", "555-010-0101"),
            ("+1 (555) 010-0101", "5550100101"), ("००४९ ३० १२३", "+49 30 123"), ("555-010-0101 x12", "555 010 0101"),
            ("555-010-0101 ext. 7", "555 010 0101"), ("Tel.: 555 0100", "555-0100"),
            ("555 0100 (home)", "(Home) 5550100"),
        ]:
            self.assertEqual(text.phone(one), text.phone(other))

    def test_other_numbers(self):
        for one, other in [
            ("1-800-FLOWERS", "1-800-CONTACTS"), ("1-212-555-HELP", "1-212-555-TAXI"), ("PE6-5000", "KL6-5000"),
            ("٥٥٥ ٠١٠", "٥٥٥ ٠١١"),
            ("1-800-MAX 1234", "1-800-MA"), ("8 (800) тел", "8 (800) два"),
        ]:
            self.assertNotEqual(text.phone(one), text.phone(other))

    def test_what_is_no_number_is_nobodys(self):
        for value in ("", "n/a", "None", "unknown", "нет", "-", "tel."):
            self.assertEqual(text.phone(value), "")

    def test_a_letter_is_one_key_or_stays(self):
        for character in CHARACTERS:
            if unicodedata.category(character)[0] == "L" and not re.search("[0-9]", text.fold(character)):
                found = text.phone("7" + character)
                stays = [c for c in text.fold(character) if unicodedata.category(c)[0] == "L"]
                self.assertGreaterEqual(len(found), 1 + min(1, len(stays)), ascii(character))


class DateTests(unittest.TestCase):
    def test_dates_of_every_spelling(self):
        for value in (
            "1984-03-09", "03/09/1984", "9.3.1984", "09 March 1984", "MAR 9, 1984", "١٩٨٤-٠٣-٠٩", "１９８４／０３／０９",
            "19840309",
        ):
            self.assertEqual(text.date(value), "1984-03-09")
        self.assertEqual(text.date("Soon"), "soon")


if __name__ == "__main__":
    unittest.main()
