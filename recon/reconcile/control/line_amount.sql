-- line_amount: every billed line stands exactly once in the result, with its amount, split to the cent.
--
-- grain     what, document, line
-- reads     invoice, invoice_line, kit_roll, invoice_line_result
-- params    $as_of  DATE, later documents are not expected
-- money     compared exactly
-- rule      Three-way match 1.8, invariant 1. What is expected comes from the documents themselves;
--           from the match only which lines bill the components of one kit: the first stands for all.
with stated as (
    select
        line.invoice_id,
        coalesce(kit.roll_line_no, line.line_no) as line_no,
        cast(sum(line.amount) as decimal(38, 6)) as amount
    from invoice_line as line
    inner join invoice on line.invoice_id = invoice.invoice_id
    left join kit_roll as kit on line.invoice_id = kit.invoice_id and line.line_no = kit.line_no
    where invoice.invoice_date <= $as_of and coalesce(invoice.status, 'OPEN') <> 'VOID'
    group by line.invoice_id, coalesce(kit.roll_line_no, line.line_no)
),

answered as (
    select
        invoice_id,
        line_no,
        count(*) as answers,
        cast(sum(amount) as decimal(38, 6)) as amount,
        cast(sum(supported + tolerated + held + routed) as decimal(38, 6)) as parts,
        count(*) filter (
            where status not in (
                'DUPLICATE',
                'UNMATCHED',
                'BLOCKED',
                'NON_PO',
                'CREDIT_OPEN',
                'CREDIT_APPLIED',
                'EXCEPTION',
                'MATCHED_TOL',
                'MATCHED'
            )
        ) as unknown_statuses
    from invoice_line_result
    group by invoice_id, line_no
),

compared as (
    select
        coalesce(stated.invoice_id, answered.invoice_id) as document,
        coalesce(stated.line_no, answered.line_no) as line_no,
        case when stated.invoice_id is null then 0 else 1 end as lines_stated,
        coalesce(answered.answers, 0) as answers,
        coalesce(answered.unknown_statuses, 0) as unknown_statuses,
        stated.amount as amount_stated,
        answered.amount,
        answered.parts
    from stated
    full outer join answered
        on stated.invoice_id = answered.invoice_id and stated.line_no = answered.line_no
)

select
    'a billed line has not exactly one row' as what,
    document,
    cast(line_no as varchar) as line,
    cast(lines_stated as decimal(38, 6)) as expected,
    cast(answers as decimal(38, 6)) as found
from compared
where answers <> lines_stated
union all
select
    'the amount is not the one stated' as what,
    document,
    cast(line_no as varchar) as line,
    amount_stated as expected,
    amount as found
from compared
where lines_stated = 1 and answers = 1 and amount <> amount_stated
union all
select
    'supported + tolerated + held + routed is not the amount' as what,
    document,
    cast(line_no as varchar) as line,
    amount as expected,
    parts as found
from compared
where answers > 0 and amount <> parts
union all
select
    'the status is not a known one' as what,
    document,
    cast(line_no as varchar) as line,
    cast(0 as decimal(38, 6)) as expected,
    cast(unknown_statuses as decimal(38, 6)) as found
from compared
where unknown_statuses > 0
order by all
