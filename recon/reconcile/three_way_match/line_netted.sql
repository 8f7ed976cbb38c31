-- line_netted: what credits leave of what each line of a credited group asks receipts to support.
--
-- grain     invoice_id, line_no
-- reads     qty_credit_named, qty_credit_in_time
-- params    none
-- money     `need` is dollars on an amount basis, shares otherwise
-- rule      A quantity credit takes from the invoice it refers to or from its lot (qty_credit_named), then from what
--           was billed by its day (qty_credit_in_time), and what no bill of before could give from the newest of all.
--           Most groups have no credit: they are not here. (Specification 1.2 steps 4 and 5.)
with in_time as (
    select
        named.group_no,
        named.invoice_id,
        named.line_no,
        named.invoice_date,
        named.measure,
        named.credited,
        named.taken + in_time.taken as taken
    from qty_credit_named as named
    inner join qty_credit_in_time as in_time
        on named.invoice_id = in_time.invoice_id and named.line_no = in_time.line_no
),

taken_so_far as (
    select
        group_no,
        cast(sum(taken) as decimal(38, 6)) as measure
    from in_time
    group by group_no
),

newest_first as (
    select
        line.*,
        line.credited - taken_so_far.measure as still_to_take,
        coalesce(
            sum(line.measure - line.taken) over (
                partition by line.group_no
                order by line.invoice_date desc, line.invoice_id desc, line.line_no desc
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as newer
    from in_time as line
    inner join taken_so_far on line.group_no = taken_so_far.group_no
)

select
    invoice_id,
    line_no,
    cast(
        measure - taken
        - least(measure - taken, greatest(cast(0 as decimal(38, 6)), still_to_take - newer))
        as decimal(38, 6)
    ) as need
from newest_first
