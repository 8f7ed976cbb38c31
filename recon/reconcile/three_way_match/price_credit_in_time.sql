-- price_credit_in_time: what price credits mend of what was billed by their day, beyond what they name.
--
-- grain     invoice_id, line_no
-- reads     group_credit, price_credit_named
-- through   credit_pile
-- held      no
-- params    none
-- money     dollars, positive
-- rule      What the invoice a credit names could not take, credit by credit, the oldest first. How it is then taken,
--           credit_pile says. (Specification 1.2 step 4; 1.8 invariant 8.)
with credit as (
    select *
    from group_credit
    where kind = 'PRICE'
),

given_to_named as (
    select
        group_no,
        invoice_id,
        cast(sum(taken) as decimal(38, 2)) as amount
    from price_credit_named
    group by group_no, invoice_id
),

in_turn as (
    select
        credit.*,
        sum(amount) over (
            partition by group_no, ref_invoice_id
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
            in_turn.amount, greatest(cast(0 as decimal(38, 2)), in_turn.hi - coalesce(given.amount, 0))
        ) as amount
    from in_turn
    left join given_to_named as given
        on in_turn.group_no = given.group_no and in_turn.ref_invoice_id = given.invoice_id
)

select
    group_no,
    invoice_date,
    0 as turn,
    invoice_id,
    line_no,
    cast(too_much - taken as decimal(38, 6)) as amount
from price_credit_named
union all
select
    group_no,
    invoice_date,
    1 as turn,
    invoice_id,
    line_no,
    cast(-amount as decimal(38, 6)) as amount
from left_of_credit
