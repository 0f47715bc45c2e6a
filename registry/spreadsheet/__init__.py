"""Reads the cells of spreadsheets (parse functions) and writes values into them (write functions)."""

from registry.spreadsheet.base import (
    EXCEL_CELL_LIMIT,
    PLAIN,
    Cell,
    Context,
    MissingValue,
    Parse,
    Unit,
    cell_text,
    clean_text,
    is_blank,
    parse_email,
    parse_line,
    parse_phone,
    parse_text,
    parse_uscc,
    parse_website,
    refuse,
    shorten,
    shown,
)
from registry.spreadsheet.dates import parse_date
from registry.spreadsheet.list_edits import SIGNED_SQL, ListEdit, added_list_parser, only_added, signed_list_parser
from registry.spreadsheet.numbers import (
    CURRENCY_OF,
    FEN,
    WAN,
    Capital,
    parse_capital,
    parse_decimal,
    parse_integer,
    parse_money,
    parse_unit,
    parse_year,
)
from registry.spreadsheet.vocabulary import (
    Vocabulary,
    choice_parser,
    choice_vocabulary,
    join_list,
    list_parser,
    parse_boolean,
    parse_identifiers,
    split_list,
    split_text,
)
from registry.spreadsheet.writing import (
    csv_text,
    date_text,
    decimal_text,
    read_text,
    wan_text,
    write_cell,
    xlsx_text,
    yuan_text,
)
