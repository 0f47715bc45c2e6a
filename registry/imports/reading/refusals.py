"""The reasons for refusing a file as a whole, in words for people."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_REASONS: dict[str, str | Promise] = {
    "empty": _("The file is empty."),
    "column_missing": _("%(sheet)s: a key column is missing: %(column)s."),
    "column_missing_guessed": _("%(sheet)s: a key column is missing: %(column)s. %(guesses)s"),
    "unread_columns": _(
        "%(sheet)s: nothing takes the columns %(columns)s, which look like the end of a membership or like a key. Say "
        "what each means, or that it is ignored: on the page of the columns, or by command "
        "--column “%(label)s=valid_until” or --column “%(label)s=ignored”."
    ),
    "several_years": _(
        "%(sheet)s: the labels name different years (%(years)s). Import the columns of one year at a time."
    ),
    "constant": _("The value given for all rows of %(column)s cannot be read: %(reason)s"),
    "no_sheet": _("The file has no sheet “%(sheet)s”; it has: %(sheets)s."),
    "no_header": _(
        "No row with known column labels was found in the first 40 rows of any sheet. Say which row holds the labels "
        "on the page of the columns, or by command --header-row N; --header-row none if there are none."
    ),
    "old_excel": _("This is an old Excel workbook (.xls). Open it and save it as .xlsx or as CSV UTF-8."),
    "binary_excel": _("This is a binary Excel workbook (.xlsb). Open it and save it as .xlsx."),
    "password": _("The workbook is protected by a password. Save a copy without the password."),
    "macros": _("The workbook contains macros. Save it as .xlsx, without macros."),
    "web_page": _(
        "This is a web page or an XML file, although its name says table. Open it in Excel, save it as .xlsx."
    ),
    "pdf": _("This is a PDF file. Import the table that it was made from, as .xlsx or CSV."),
    "document": _("This is a document, not an Excel workbook. Save the table as .xlsx or CSV."),
    "picture": _("This is a picture. Import the table that it was made from, as .xlsx or CSV."),
    "archive": _("This is a compressed archive. Unpack it and import the tables in it one by one."),
    "binary": _("This is neither an Excel workbook nor a text file."),
    "encoding": _("The text is neither UTF-8 nor GB 18030 (GBK). Save the file as CSV UTF-8 or as .xlsx."),
    "codec": _("There is no text encoding “%(encoding)s”. Write utf-8, gb18030 or utf-16."),
    "quotes": _("The quotation marks do not pair from row %(row)s on. Save the file from Excel again, or as .xlsx."),
    "cell_too_long": _(
        "A cell in row %(row)s is longer than %(limit)s characters: probably a quotation mark is missing."
    ),
    "line_too_long": _("A line is longer than %(limit)s characters: this is not a table."),
    "damaged": _("The workbook is damaged. Open it in Excel and save it again."),
    "entities": _("The workbook contains XML entity definitions, which Excel never writes; it is not read."),
    "far_cell": _(
        "Cell %(cell)s is far outside a table of at most %(rows)s rows and %(columns)s columns. "
        "Delete the stray cells, or copy the table into a new workbook."
    ),
    "too_many_cells": _("The table has more than %(rows)s rows or %(columns)s columns. Split the file."),
    "too_many_sheets": _("The workbook has more than %(limit)s sheets."),
    "too_large": _("The file is larger than the limit of %(limit)s MB (unpacked). Split it."),
    "busy": _("Several other files are being read just now. Wait a minute, then try again."),
    "memory": _(
        "The file needs more than %(limit)s MB of memory to read: about 4 million filled cells of a workbook, such as "
        "200,000 rows of 20 columns, are the most. Split it, or save it as CSV UTF-8, which is read row by row."
    ),
    "time": _(
        "The file could not be read within %(seconds)s seconds, because the server has other work. Try again later, or "
        "split the file."
    ),
    "processor_time": _(
        "Reading the file took more than %(seconds)s seconds of processor time. Split it, or save it as CSV UTF-8."
    ),
    "too_much_text": _("The cells hold more than %(limit)s MB of text in all. Split the file."),
    "disk_full": _(
        "The disk of the server is full, so that the file cannot be read. Tell the administrator, then try again."
    ),
    "killed": _(
        "The reading was ended by the server, which has probably run out of memory. Try again later, or split the file."
    ),
    "broke_off": _(
        "The reading broke off (%(reason)s). Save the file from Excel again, as .xlsx or as CSV UTF-8; if that does "
        "not help, show the file to the administrator."
    ),
}


class UnreadableFile(Exception):
    """Says that a file is refused as a whole; `str()` gives the reason in the active language."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        reason = str(_REASONS[self.code])
        return reason % self.params if self.params else reason
