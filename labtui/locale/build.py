"""Message catalogues from the sources: `make locale`.

Collects every marked literal, merges it into the translations (what is new stands there empty) and
compiles them. A test fails while a message has no translation.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

_PACKAGE = Path(__file__).resolve().parent.parent
_FOLDER = Path(__file__).parent
_KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
LANGUAGES = ("zh_TW",)
_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
_HEADER = """\
# Made by `make locale`; translations are written here by hand.
msgid ""
msgstr ""
"Project-Id-Version: labtui\\n"
"Language: {language}\\n"
"Plural-Forms: {plural}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def collected() -> Catalog:
    """Every message of the sources, the demo lab aside: it speaks as the real servers do."""
    catalog = Catalog(project="labtui", charset="utf-8")
    found = extract_from_dir(
        _PACKAGE,
        method_map=[("demo/**", "ignore"), ("**.py", "python")],
        keywords=_KEYWORDS,
        comment_tags=("Translators:",),
    )
    for name, _line, message, comments, _context in sorted(found, key=lambda item: item[0]):
        # Without line numbers, moving code changes no catalogue.
        catalog.add(message, locations=[(name, 0)], auto_comments=comments)
    return catalog


def path_of(language: str) -> Path:
    """The catalogue of that language as text; the compiled one lies beside it."""
    return _FOLDER / language / "LC_MESSAGES" / "labtui.po"


def merged(language: str) -> Catalog:
    """The present translations with the messages of the sources, obsolete ones dropped."""
    path = path_of(language)
    if path.exists():
        with path.open("rb") as file:
            catalog = read_po(file, locale=language)
    else:
        catalog = Catalog(locale=language, project="labtui", charset="utf-8")
    catalog.update(collected(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def compiled(catalog: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    buffer = io.BytesIO()
    # Babel puts these into the header; with today's, every build would be another file.
    catalog.creation_date = catalog.revision_date = _NO_DATE
    write_mo(buffer, catalog)
    return buffer.getvalue()


def _text(catalog: Catalog) -> bytes:
    buffer = io.BytesIO()
    # Babel's header has dates, which would make every build another file, and people to fill in.
    write_po(buffer, catalog, sort_output=True, omit_header=True, include_lineno=False, width=100)
    return _HEADER.format(language=catalog.locale, plural=catalog.plural_forms).encode() + (
        buffer.getvalue()
    )


def build() -> int:
    """Write the catalogues; returns how many messages still lack a translation."""
    missing = 0
    for language in LANGUAGES:
        catalog = merged(language)
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_text(catalog))
        path.with_suffix(".mo").write_bytes(compiled(catalog))
        lacking = [message.id for message in catalog if message.id and not message.string]
        missing += len(lacking)
        sys.stdout.write(f"{language}: {len(catalog)} messages, {len(lacking)} to translate\n")
    return missing


if __name__ == "__main__":
    build()
