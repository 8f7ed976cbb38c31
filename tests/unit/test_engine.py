"""The runner: which statements run, what they may touch, what it says of a table that is wrong."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from recon.canonical.describe import polars_schema
from recon.errors import InputError, ReconError
from recon.reconcile.engine import Limits, StatementError, run, write
from recon.reconcile.results import Rni
from recon.rules import load_all

DAY = date(2026, 3, 31)


@pytest.fixture
def folder(tmp_path):
    """Write SQL files into a folder of their own: name -> (reads, statement)."""

    def write(**statements: tuple[str, str]) -> list[str]:
        for name, (reads, sql) in statements.items():
            header = f"-- {name}: for this test.\n--\n-- grain     none\n-- reads     {reads}\n"
            (tmp_path / f"{name}.sql").write_text(header + sql, encoding="utf-8")
        return [str(tmp_path)]

    return write


def bucket(**changed: object) -> pl.DataFrame:
    """A table of one ageing bucket, with columns replaced, or left out where None."""
    columns = {
        "bucket": pl.Series(["0+"]),
        "from_days": pl.Series([0], dtype=pl.Int32),
        "to_days": pl.Series([None], dtype=pl.Int32),
    }
    columns.update(changed)
    return pl.DataFrame({name: rows for name, rows in columns.items() if rows is not None})


def item_uom(**changed: object) -> pl.DataFrame:
    columns = {"item_id": ["A"], "uom": ["EA"], "to_base_num": [1], "to_base_den": [1]}
    columns.update(changed)
    return pl.DataFrame({name: rows for name, rows in columns.items() if rows is not None})


def test_statements_run_in_the_order_of_what_they_read_whatever_their_names(folder):
    folders = folder(
        a=("b, policy", "select b.n + 1 as n from b"),
        b=("c", "select n * 10 as n from c"),
        c=("age_bucket", "select from_days + 4 as n from age_bucket"),
    )
    found = run(folders, {"age_bucket": bucket()}, {}, ["a", "b"])
    assert {name: rows["n"].to_list() for name, rows in found.items()} == {"a": [41], "b": [40]}


def test_a_reads_line_may_go_on_over_further_comment_lines(folder):
    folders = folder(
        a=("b,\n--           c\n-- params    none", "select b.n + c.n as n from b cross join c"),
        b=("nothing", "select 1 as n"),
        c=("nothing", "select 2 as n"),
    )
    (Path(folders[0]) / "nothing.sql").write_text("-- reads     \nselect 0 as n")
    assert run(folders, {}, {}, ["a"])["a"]["n"].to_list() == [3]


def test_a_relation_that_is_not_held_is_part_of_what_reads_it_and_of_what_reads_that(folder):
    folders = folder(
        a=("b", "select b.n + $one as n from b"),
        b=("c\n-- held      no", "select n * 10 as n from c"),
        c=("age_bucket\n-- held      no", "select from_days + $four as n from age_bucket"),
        d=("b, c", "select b.n + c.n as n from b inner join c on b.n = c.n * 10"),
    )
    params = {"one": 1, "four": 4}
    found = run(folders, {"age_bucket": bucket()}, params, ["a", "c", "d"])
    assert {name: rows["n"].to_list() for name, rows in found.items()} == {
        "a": [41],
        "c": [4],
        "d": [44],
    }


def test_relations_that_follow_by_one_rule_are_its_rows_over_their_own(folder):
    folders = folder(
        a=("age_bucket\n-- through   doubled", "select from_days + $one as n from age_bucket"),
        b=("a\n-- through   doubled", "with c as (select n from a) select n + 10 as n from c"),
        doubled=("line", "with l as (select n * 2 as n from line) select n from l"),
    )
    found = run(folders, {"age_bucket": bucket()}, {"one": 1}, ["a", "b"])
    assert {name: rows["n"].to_list() for name, rows in found.items()} == {"a": [2], "b": [24]}


def test_what_nobody_wants_is_not_run(folder):
    folders = folder(a=("age_bucket", "select 1 as n"), broken=("age_bucket", "select nonsense"))
    assert run(folders, {}, {}, ["a"])["a"].height == 1


def test_a_relation_handed_in_is_not_computed(folder):
    folders = folder(a=("rni", "select count(*) as n from rni"), rni=("policy", "select nonsense"))
    nothing_open = pl.DataFrame(schema=polars_schema(Rni))
    assert run(folders, {"rni": nothing_open}, {}, ["a"])["a"]["n"].to_list() == [0]


def test_statements_that_read_each_other_are_named(folder):
    folders = folder(a=("b", "select 1 from b"), b=("a", "select 1 from a"))
    with pytest.raises(StatementError, match=r"a -> b -> a|b -> a -> b"):
        run(folders, {}, {}, ["a"])


def test_a_failing_statement_names_its_relation_its_file_and_the_reason(folder):
    folders = folder(a=("policy", "select no_such_column from policy"))
    with pytest.raises(ReconError, match=r"(?s)^a cannot be computed: .*a\.sql: .*no_such_column"):
        run(folders, {}, {}, ["a"])


def test_parameters_reach_the_statements_that_use_them_and_only_those(folder):
    folders = folder(
        a=("b", "select $as_of as day, n from b"),
        b=("policy", "select 7 as n -- $as_of is not used here"),
    )
    assert run(folders, {}, {"as_of": DAY, "unused": 1}, ["a"])["a"].rows() == [(DAY, 7)]


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("select * from read_csv('{file}')", id="reading-a-file"),
        pytest.param("select * from hidden", id="reading-a-python-variable"),
        pytest.param("select * from glob('{file}')", id="listing-a-folder"),
    ],
)
def test_a_statement_sees_only_what_it_is_handed(folder, tmp_path, statement):
    hidden = pl.DataFrame({"n": [1]})
    secret = tmp_path / "secret.csv"
    hidden.write_csv(secret)
    folders = folder(a=("policy", statement.format(file=secret)))
    with pytest.raises(StatementError):
        run(folders, {}, {}, ["a"])


def test_a_table_may_be_parquet_files_a_lazy_frame_or_a_frame(folder, tmp_path):
    folders = folder(a=("item_uom", "select count(*) as n, sum(to_base_num) as s from item_uom"))
    parts = [item_uom(), item_uom(uom=["CS"], to_base_num=[100])]
    night = tmp_path / "it's a lake" / "business_date=2026-03-31"
    night.mkdir(parents=True)
    files = [night / f"{n}.parquet" for n in range(2)]
    for part, file in zip(parts, files, strict=True):
        part.write_parquet(file)
    rows = pl.concat(parts)
    for table in (files, rows, rows.lazy()):
        assert run(folders, {"item_uom": table}, {}, ["a"])["a"].rows() == [(2, 101)]


def test_limits_are_obeyed_and_change_no_result(folder, tmp_path):
    folders = folder(
        a=(
            "policy",
            "select i, md5(cast(i as varchar)) as h from range(300000) as t (i) order by h",
        )
    )
    small = Limits(memory_limit="40MB", threads=1, temp_directory=tmp_path / "spill")
    free = run(folders, {}, {}, ["a"])["a"]
    assert run(folders, {}, {}, ["a"], small)["a"].equals(free)


def test_a_table_not_handed_in_is_empty_and_has_its_declared_types(folder):
    folders = folder(a=("contract_price", "select * from contract_price"))
    found = run(folders, {}, {}, ["a"])["a"]
    assert found.height == 0
    assert found.schema["price"] == pl.Decimal(18, 6)
    assert found.schema["valid_from"] == pl.Date


def test_an_absent_column_that_may_be_empty_is_null_and_unknown_columns_are_not_seen(folder):
    folders = folder(a=("item_uom", "select * from item_uom"))
    found = run(folders, {"item_uom": item_uom(colour=["red"])}, {}, ["a"])["a"]
    assert "colour" not in found.columns
    assert found["valid_from"].to_list() == [None]
    assert found.schema["valid_from"] == pl.Date
    assert "source_file_id" not in found.columns


def test_numbers_are_cast_where_nothing_is_lost(folder):
    folders = folder(a=("purchase_order_line", "select qty, price from purchase_order_line"))
    line = pl.DataFrame(
        {
            "po_id": ["P1"],
            "line_no": ["1"],
            "qty": [10],
            "uom": ["EA"],
            "price": pl.Series(["50.1250"], dtype=pl.String).cast(pl.Decimal(30, 10)),
        }
    )
    found = run(folders, {"purchase_order_line": line}, {}, ["a"])["a"]
    assert found.rows() == [(Decimal(10), Decimal("50.125"))]
    assert found.schema["qty"] == pl.Decimal(18, 6)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        pytest.param(
            item_uom(uom=None), "column uom is missing", id="a-required-column-is-missing"
        ),
        pytest.param(
            item_uom(to_base_num=["1"]),
            "column to_base_num is String, expected Int64",
            id="text-where-a-number-belongs",
        ),
        pytest.param(
            item_uom(to_base_num=[1.0]),
            "column to_base_num is Float64, expected Int64",
            id="a-binary-fraction",
        ),
        pytest.param(
            item_uom(to_base_num=pl.Series(["1.5"]).cast(pl.Decimal(10, 2))),
            "column to_base_num holds 1 values that do not fit BIGINT",
            id="a-number-that-would-be-rounded",
        ),
        pytest.param(
            item_uom(to_base_den=[None]),
            "column to_base_den is empty in 1 rows",
            id="empty-where-a-value-is-required",
        ),
        pytest.param(
            pl.concat([item_uom(), item_uom()]),
            r"1 repeated key\(s\), such as item_id = A, uom = EA \(2 rows\)",
            id="a-key-twice",
        ),
        pytest.param(
            item_uom(valid_from=["2026-01-01"]),
            "column valid_from is String, expected Date",
            id="text-where-a-date-belongs",
        ),
    ],
)
def test_a_table_of_another_shape_is_refused(folder, table, said):
    folders = folder(a=("item_uom", "select 1 as n from item_uom"))
    with pytest.raises(InputError, match=f"item_uom: {said}"):
        run(folders, {"item_uom": table}, {}, ["a"])


def test_every_mistake_of_every_table_is_said_at_once(folder):
    folders = folder(a=("item_uom, age_bucket", "select 1 as n from item_uom, age_bucket"))
    tables = {
        "item_uom": item_uom(uom=None, to_base_num=["1"]),
        "age_bucket": bucket(from_days=None),
    }
    with pytest.raises(InputError) as refused:
        run(folders, tables, {}, ["a"])
    said = str(refused.value)
    assert said.startswith("3 mistakes")
    for part in ("column uom is missing", "to_base_num is String", "age_bucket: column from_days"):
        assert part in said


@pytest.mark.parametrize("name", load_all())
def test_a_shipped_rule_table_would_pass_the_checks_it_is_spared(folder, name):
    shipped = load_all()[name]
    folders = folder(a=(name, f"from {name}"))
    spared = run(folders, {name: shipped}, {}, ["a"])["a"]
    checked = run(folders, {name: shipped.clone()}, {}, ["a"])["a"]
    assert spared.equals(checked)
    assert spared.schema == checked.schema == shipped.schema


def test_a_parquet_file_that_is_not_there_is_said_so(folder, tmp_path):
    folders = folder(a=("item_uom", "select 1 as n from item_uom"))
    with pytest.raises(InputError, match="item_uom: cannot be read"):
        run(folders, {"item_uom": [tmp_path / "gone.parquet"]}, {}, ["a"])


def test_the_rows_come_back_in_one_order_whatever_the_order_they_went_in(folder):
    folders = folder(a=("item_uom", "select item_id, uom from item_uom"))
    rows = pl.DataFrame(
        {
            "item_id": [f"I{n % 50}" for n in range(500)],
            "uom": [f"U{n}" for n in range(500)],
            "to_base_num": [1] * 500,
            "to_base_den": [1] * 500,
        }
    )
    found = [
        run(folders, {"item_uom": rows.sample(fraction=1, shuffle=True, seed=s)}, {}, ["a"])["a"]
        for s in range(3)
    ]
    assert found[0].equals(found[1])
    assert found[0].equals(found[2])


def test_a_statement_that_gives_its_own_order_keeps_it(folder, tmp_path):
    ordered = "select r.i as n from age_bucket cross join range(300000) as r (i) order by r.i desc"
    tables = {"age_bucket": bucket()}
    folders = folder(
        **{said: (f"age_bucket\n-- sorted    {said}", ordered) for said in ("yes", "no")}
    )
    for said, first in (("yes", 299_999), ("no", 0)):
        found = run(folders, tables, {}, [said])[said]["n"]
        assert (found[0], found[-1]) == (first, 299_999 - first)
        written = write(folders, tables, {}, [said], tmp_path / "written")[said]
        assert pl.read_parquet(written)["n"].equals(found)


def test_it_keeps_it_also_over_a_relation_that_is_not_held(folder):
    descending = "select r.i as n from c cross join range(300000) as r (i) order by r.i desc"
    folders = folder(
        a=("c\n-- sorted    yes", descending),
        c=("age_bucket\n-- held      no", "select from_days from age_bucket"),
    )
    found = run(folders, {"age_bucket": bucket()}, {}, ["a"])["a"]["n"]
    assert (found[0], found[-1]) == (299_999, 0)


def test_a_line_number_may_be_text_or_a_number_but_must_be_one(folder):
    folders = folder(a=("invoice_line", "select invoice_id, line_no from invoice_line"))
    lines = pl.DataFrame(
        {"invoice_id": ["V1", "V1"], "line_no": ["1", "2"], "amount": [Decimal("1.00")] * 2}
    )
    assert run(folders, {"invoice_line": lines}, {}, ["a"])["a"]["line_no"].to_list() == [1, 2]
    wrong = lines.with_columns(line_no=pl.Series(["1", "2a"]))
    with pytest.raises(InputError, match="line_no holds 1 texts that are not plain whole numbers"):
        run(folders, {"invoice_line": wrong}, {}, ["a"])


def test_what_is_written_is_what_is_returned_also_over_older_files(folder, tmp_path):
    folders = folder(
        a=("age_bucket", "select from_days + i as n from age_bucket, range(5000) as r (i)"),
        b=("a", "select n * 10 as n from a"),
    )
    tables, target = {"age_bucket": bucket()}, tmp_path / "written"
    target.mkdir()
    (target / "b.parquet").write_bytes(b"older")
    found = write(folders, tables, {}, ["a", "b"], target)
    assert sorted(path.name for path in target.iterdir()) == ["a.parquet", "b.parquet"]
    returned = run(folders, tables, {}, ["a", "b"])
    assert returned["b"]["n"].to_list() == [n * 10 for n in range(5000)]
    for name, rows in returned.items():
        assert pl.read_parquet(found[name]).equals(rows)


def test_a_match_that_fails_leaves_the_older_files(folder, tmp_path):
    folders = folder(
        a=("age_bucket", "select from_days as n from age_bucket"),
        b=("a", "select nothing from a"),
    )
    target = tmp_path / "written"
    write(folders, {"age_bucket": bucket()}, {}, ["a"], target)
    before = (target / "a.parquet").read_bytes()
    with pytest.raises(StatementError):
        write(folders, {"age_bucket": bucket(from_days=pl.Series([9]))}, {}, ["a", "b"], target)
    assert (target / "a.parquet").read_bytes() == before
