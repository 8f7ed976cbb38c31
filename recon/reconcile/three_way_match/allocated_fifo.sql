-- allocated_fifo: second turn: what a line still needs it takes from what is still offered, oldest receipt first.
--
-- grain     invoice_id, line_no, receipt_key
-- reads     demand, supply, group_balance, allocated_cited
-- params    none
-- money     none: quantities (dollars on an amount basis)
-- rule      Needs stand in the order paid first, then date, invoice, line; receipts in the order of their dates. Both
--           are laid end to end on one axis per match group; where a need and a receipt overlap, that much is
--           allocated. A line that names the lot of a bill-only order takes from no other lot.
--           Most groups have one receipt for all their lines, or one line for all their receipts. There each takes what
--           it can, whoever comes first, and nothing is laid out. (Specification 1.2 step 5, pass B.)
with crossing as (
    select group_no
    from group_balance
    where is_crossing
    union
    select group_no
    from allocated_cited
),

taken as (
    select
        invoice_id,
        line_no,
        cast(sum(qty) as decimal(38, 6)) as qty
    from allocated_cited
    group by invoice_id, line_no
),

given as (
    select
        receipt_key,
        cast(sum(qty) as decimal(38, 6)) as qty
    from allocated_cited
    group by receipt_key
),

asked as (
    select
        demand.invoice_id,
        demand.line_no,
        demand.group_no,
        demand.is_paid,
        demand.invoice_date,
        demand.need - coalesce(taken.qty, 0) as need
    from demand
    inner join crossing on demand.group_no = crossing.group_no
    left join taken on demand.invoice_id = taken.invoice_id and demand.line_no = taken.line_no
    where not demand.is_lot_bound
),

offered as (
    select
        supply.receipt_key,
        supply.receipt_id,
        supply.receipt_line_no,
        supply.scale,
        supply.group_no,
        supply.supply_date,
        supply.offered - coalesce(given.qty, 0) as offered
    from supply
    inner join crossing on supply.group_no = crossing.group_no
    left join given on supply.receipt_key = given.receipt_key
),

asked_axis as (
    select
        asked.*,
        sum(need) over (
            partition by group_no
            order by case when is_paid then 0 else 1 end, invoice_date, invoice_id, line_no
            rows between unbounded preceding and current row
        ) as hi
    from asked
    where need > 0
),

offered_axis as (
    select
        offered.*,
        sum(offered) over (
            partition by group_no
            order by supply_date, receipt_key
            rows between unbounded preceding and current row
        ) as hi
    from offered
    where offered > 0
)

select
    demand.invoice_id,
    demand.line_no,
    supply.receipt_key,
    supply.receipt_id,
    supply.receipt_line_no,
    supply.scale,
    demand.group_no,
    demand.is_paid,
    cast(least(demand.need, supply.offered) as decimal(38, 6)) as qty
from demand
left join crossing on demand.group_no = crossing.group_no
inner join supply on demand.group_no = supply.group_no
where crossing.group_no is null and demand.need > 0 and supply.offered > 0
union all
select
    asked_axis.invoice_id,
    asked_axis.line_no,
    offered_axis.receipt_key,
    offered_axis.receipt_id,
    offered_axis.receipt_line_no,
    offered_axis.scale,
    asked_axis.group_no,
    asked_axis.is_paid,
    cast(
        least(asked_axis.hi, offered_axis.hi)
        - greatest(asked_axis.hi - asked_axis.need, offered_axis.hi - offered_axis.offered)
        as decimal(38, 6)
    ) as qty
from asked_axis
inner join offered_axis
    on
        asked_axis.group_no = offered_axis.group_no
        and asked_axis.hi - asked_axis.need < offered_axis.hi
        and offered_axis.hi - offered_axis.offered < asked_axis.hi
