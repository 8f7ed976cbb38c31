-- line_cent: what is held and tolerated of each line, in cents: rounded once per line, then shared out to its causes.
--
-- grain     invoice_id, line_no, code
-- reads     line_component
-- params    none
-- money     totals half away from zero; a component gets its whole cents (rounded down), the cents left
--           over go to the largest remainders, ties by code
-- rule      Causes that are rounded one by one would not add up to the line. So a line's held total and its tolerated
--           total are each rounded once; every cause gets its whole cents, and the cents left over go to the causes
--           with the largest remainders. (Specification 1.2 step 9.)
with whole as (
    select
        invoice_id,
        line_no,
        code,
        is_held,
        rule_id,
        qty,
        worth,
        k * 10000000000 as per_cent,
        -- // cuts toward zero; a negative worth goes down to the next cent.
        worth // (k * 10000000000)
        - case when worth < 0 and worth % (k * 10000000000) <> 0 then 1 else 0 end as cents
    from line_component
),

total as (
    select
        invoice_id,
        line_no,
        is_held,
        cast(sum(worth) as hugeint) as worth,
        cast(sum(cents) as hugeint) as cents,
        min(per_cent) as per_cent
    from whole
    group by invoice_id, line_no, is_held
),

rounded as (
    select
        invoice_id,
        line_no,
        is_held,
        cents,
        case when worth < 0 then -1 else 1 end * ((abs(worth) * 2 + per_cent) // (per_cent * 2)) as total_cents
    from total
),

ranked as (
    select
        whole.*,
        rounded.total_cents - rounded.cents as left_over,
        row_number() over (
            partition by whole.invoice_id, whole.line_no, whole.is_held
            order by whole.worth - whole.cents * whole.per_cent desc, whole.code
        ) as place
    from whole
    inner join rounded
        on
            whole.invoice_id = rounded.invoice_id
            and whole.line_no = rounded.line_no
            and whole.is_held = rounded.is_held
)

select
    invoice_id,
    line_no,
    code,
    is_held,
    rule_id,
    qty,
    cast(
        cast(cents + case when place <= left_over then 1 else 0 end as decimal(32, 0)) * 0.01 as decimal(18, 2)
    ) as amount
from ranked
