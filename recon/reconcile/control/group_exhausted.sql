-- group_exhausted: nothing waits on both sides: a match group is short of receipts or of invoices, not both.
--
-- grain     what, document, line
-- reads     allocation, supply, demand, match_group
-- params    none
-- money     none: quantities in shares (dollars on an amount basis)
-- rule      Three-way match 1.8, invariant 2: per match group the sum allocated is the lesser of
--           supply and demand, unless a line is bound to a lot. Two-way and evaluated-receipt groups
--           have no supply. Rounding of published quantities as in receipt_consumed.
with offered as (
    select
        group_no,
        sum(offered) as qty
    from supply
    group by group_no
),

asked as (
    select
        group_no,
        sum(need) as qty,
        count(*) filter (where is_lot_bound) as lot_bound
    from demand
    group by group_no
),

allocated as (
    select
        match_group,
        sum(qty) as qty,
        count(*) as parts
    from allocation
    group by match_group
),

measured as (
    select
        grp.match_group,
        cast(least(asked.qty, coalesce(offered.qty, 0)) as decimal(38, 6)) as possible,
        cast(
            coalesce(allocated.qty, 0) * case when grp.match_basis = 'AMOUNT' then 1 else grp.scale end
            as decimal(38, 6)
        ) as allocated,
        cast(
            case
                when grp.match_basis = 'QTY' and grp.scale > 1
                    then coalesce(allocated.parts, 0) * grp.scale * 0.000001
                else 0
            end
            as decimal(38, 6)
        ) as slack
    from asked
    inner join match_group as grp on asked.group_no = grp.group_no
    left join offered on asked.group_no = offered.group_no
    left join allocated on grp.match_group = allocated.match_group
    where asked.lot_bound = 0 and grp.match_type not in ('2WAY', 'ERS')
)

select
    'allocated is not the lesser of supply and demand' as what,
    match_group as document,
    cast(null as varchar) as line,
    possible as expected,
    allocated as found
from measured
where abs(allocated - possible) > slack
order by all
