"""The table of results as a CSV file: safe in spreadsheets, and gone on with by the next run."""

from songnet.table.cells import (
    Cell,
    csv_row,
    defused,
    header_row,
    path_text,
    spelled,
    table_columns,
)
from songnet.table.csv_table import CsvTable
from songnet.table.earlier import BYTE_ORDER_MARK

__all__ = [
    "BYTE_ORDER_MARK",
    "Cell",
    "CsvTable",
    "csv_row",
    "defused",
    "header_row",
    "path_text",
    "spelled",
    "table_columns",
]
