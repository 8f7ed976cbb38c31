-- qty_credit_in_time: what quantity credits take of what was billed by their day, beyond what they name.
--
-- grain     invoice_id, line_no
-- reads     group_credit, qty_credit_named
-- through   credit_pile
-- held      no
-- params    none
-- money     dollars on an amount basis, shares otherwise
-- rule      What neither the invoice a credit names nor its lot could give, credit by credit, the oldest first. How it
--           is then taken, credit_pile says. (Specification 1.2 step 4; 1.8 invariant 8.)
with credit as (
    select *
    from group_credit
    where kind = 'QTY'
),

given_to_named as (
    select
        group_no,
        invoice_id,
        cast(sum(taken_by_reference) as decimal(38, 6)) as measure
    from qty_credit_named
    group by group_no, invoice_id
),

given_to_lot as (
    select
        group_no,
        lot,
        cast(sum(taken - taken_by_reference) as decimal(38, 6)) as measure
    from qty_credit_named
    group by group_no, lot
),

in_turn as (
    select
        credit.*,
        case when ref_invoice_id is null then lot end as loose_of_lot,
        sum(measure) over (
            partition by group_no, ref_invoice_id, case when ref_invoice_id is null then lot end
            order by invoice_date, invoice_id, line_no
            rows between unbounded preceding and current row
        ) as hi
    from credit
),

left_of_credit as (
    select
        in_turn.group_no,
        in_turn.invoice_id,
        in_turn.line_no,
        in_turn.invoice_date,
        least(
            in_turn.measure,
            greatest(
                cast(0 as decimal(38, 6)),
                in_turn.hi - coalesce(given_to_named.measure, given_to_lot.measure, 0)
            )
        ) as measure
    from in_turn
    left join given_to_named
        on in_turn.group_no = given_to_named.group_no and in_turn.ref_invoice_id = given_to_named.invoice_id
    left join given_to_lot
        on in_turn.group_no = given_to_lot.group_no and in_turn.loose_of_lot = given_to_lot.lot
)

select
    group_no,
    invoice_date,
    0 as turn,
    invoice_id,
    line_no,
    cast(measure - taken as decimal(38, 6)) as amount
from qty_credit_named
union all
select
    group_no,
    invoice_date,
    1 as turn,
    invoice_id,
    line_no,
    cast(-measure as decimal(38, 6)) as amount
from left_of_credit
