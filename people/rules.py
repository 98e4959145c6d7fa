"""Pure decisions about people: how names and numbers are written, what a password must be, what is shown."""

from __future__ import annotations

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email
from stdnum.br import cpf as stdnum_cpf
from stdnum.exceptions import ValidationError

from workflow.errors import InvalidInput

MIN_PASSWORD = 10
MAX_PASSWORD = 128
_PARTICLES = frozenset({"da", "das", "de", "do", "dos", "e"})
_NUMERALS = frozenset({"ii", "iii", "iv"})
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_COMMON = frozenset(
    {
        "1234567890", "0123456789", "senha12345", "senha123456", "password123", "qwertyuiop", "1q2w3e4r5t",
        "assembleia", "minasgerais", "mudar12345", "brasil2026", "abcdefghij", "12345678910",
    }
)  # fmt: skip


def normalize_cpf(text: str) -> str:
    """The eleven digits of a CPF, or InvalidInput. Only `. - /` and spaces are stripped (identifiers, general rules).

    python-stdnum checks both digits but also accepts eleven equal ones, which the Receita Federal never issued.
    """
    digits = re.sub(r"[.\-/\s]", "", text)
    if not re.fullmatch(r"[0-9]{11}", digits):
        raise InvalidInput({"cpf": "Confira o CPF: ele tem 11 números."})
    wrong = InvalidInput({"cpf": "Confira o CPF: algum dos 11 números está errado."})
    if len(set(digits)) == 1:
        raise wrong
    try:
        stdnum_cpf.validate(digits)
    except ValidationError:
        raise wrong from None
    return digits


def format_cpf(digits: str) -> str:
    """000.000.000-00."""
    return f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}"


def mask_cpf(digits: str) -> str:
    """***.982.247-** (VA3)."""
    return f"***.{digits[3:6]}.{digits[6:9]}-**"


def clean_name(text: str) -> str:
    """A full name with single spaces, NFC; InvalidInput when it cannot be one (R6: full name)."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    letters = sum(char.isalpha() for char in name)
    if len(name) > 200 or letters < 3 or " " not in name:
        raise InvalidInput({"full_name": "Escreva o nome completo, como está no documento."})
    if any(not (char.isalpha() or unicodedata.combining(char) or char in " .'’-ªº") for char in name):
        raise InvalidInput({"full_name": "O nome só pode ter letras, espaços, hífen, ponto e apóstrofo."})
    return name


def with_capitals(name: str) -> str:
    """The name as official papers write it, when it was typed in one case only; any other comes back as it is."""
    words = name.split()
    letters = "".join(word for word in words if word.casefold() not in _PARTICLES)
    if not letters or letters not in (letters.lower(), letters.upper()):
        return name
    return " ".join(_capitalised(word.lower(), first=number == 0) for number, word in enumerate(words))


def _capitalised(word: str, *, first: bool) -> str:
    if word in _NUMERALS and not first:
        return word.upper()
    if word in _PARTICLES and not first:
        return word
    return re.sub(r"(^|[-'’.])(\w)", lambda found: found[1] + found[2].title(), word)


def fold(text: str) -> str:
    """The search form: no accents, no case, single spaces; PostgreSQL here has neither unaccent nor ICU."""
    decomposed = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^0-9a-z]+", " ", plain).split())


def name_tokens(text: str) -> list[str]:
    """The words a name is found by: folded, particles left out."""
    return sorted({token for token in fold(text).split() if token not in _PARTICLES})


def normalize_email(text: str) -> str:
    """The address in one form, or InvalidInput. Folded whole: two boxes that differ in case only are one here."""
    try:
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise InvalidInput(
            {"email": "Confira o e-mail: falta algo ou há um caractere que não pode estar ali."}
        ) from None
    return (found.ascii_email or found.normalized).casefold()


def external_login(email: str) -> str:
    """The login of an external user's account: the same address may have an account of the Portal too."""
    return f"externo:{email}"


def check_password(password: str, *personal: str) -> None:
    """Length decides (NIST SP 800-63B, 5.1.1.2); the most common ones and the person's own words are refused."""
    if len(password) < MIN_PASSWORD:
        raise InvalidInput({"password": f"Use uma senha de pelo menos {MIN_PASSWORD} caracteres."})
    if len(password) > MAX_PASSWORD:
        raise InvalidInput({"password": f"Use uma senha de até {MAX_PASSWORD} caracteres."})
    folded = password.casefold()
    own = {part.casefold() for text in personal for part in (text, text.partition("@")[0]) if part}
    if folded in _COMMON or folded in own or len(set(folded)) < 4:
        raise InvalidInput({"password": "Essa senha é fácil de adivinhar. Escolha outra, por exemplo uma frase curta."})
