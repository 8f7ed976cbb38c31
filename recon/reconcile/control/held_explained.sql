-- held_explained: what is held of a document is what its open holds say, line by line.
--
-- grain     what, document, line
-- reads     invoice_line_result, exception
-- params    none
-- money     compared exactly, within one currency
-- rule      Three-way match 1.8, invariants 3 and 5: no dollar is held twice, none without a code.
--           INVOICE_OUT_OF_BALANCE stands on the whole document and holds no line's money.
with held as (
    select
        invoice_id,
        line_no,
        currency,
        cast(sum(held) as decimal(38, 6)) as amount
    from invoice_line_result
    group by invoice_id, line_no, currency
),

explained as (
    select
        invoice_id,
        line_no,
        currency,
        cast(sum(impact) as decimal(38, 6)) as amount
    from exception
    where hold and state <> 'AUTO_CLOSED' and code <> 'INVOICE_OUT_OF_BALANCE'
    group by invoice_id, line_no, currency
)

select
    'held is not the sum of the holds' as what,
    coalesce(held.invoice_id, explained.invoice_id) as document,
    cast(coalesce(held.line_no, explained.line_no) as varchar) as line,
    cast(coalesce(held.amount, 0) as decimal(38, 6)) as expected,
    cast(coalesce(explained.amount, 0) as decimal(38, 6)) as found
from held
full outer join explained
    on
        held.invoice_id = explained.invoice_id
        and held.line_no = explained.line_no
        and held.currency = explained.currency
where coalesce(held.amount, 0) <> coalesce(explained.amount, 0)
order by all
