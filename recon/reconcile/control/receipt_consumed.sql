-- receipt_consumed: no receipt is consumed beyond what it offers, and what is left of it is awaited.
--
-- grain     what, document, line
-- reads     allocation, rni, supply, match_group
-- params    none
-- money     none: quantities in shares (dollars on an amount basis)
-- rule      Three-way match 1.8, invariants 2 and 4: received and not invoiced + allocated = net
--           received. Published quantities are base units to six decimals: where a base unit is
--           several shares, that rounding, and no more, is allowed for.
with offering as (
    select
        supply.receipt_key,
        grp.match_group,
        supply.offered
    from supply
    inner join match_group as grp on supply.group_no = grp.group_no
),

allocated as (
    select
        receipt_key,
        match_group,
        sum(qty) as qty,
        count(*) as parts
    from allocation
    group by receipt_key, match_group
),

awaited as (
    select
        receipt_key,
        sum(qty) as qty,
        count(*) as parts
    from rni
    group by receipt_key
),

compared as (
    select
        coalesce(offering.receipt_key, allocated.receipt_key) as receipt_key,
        coalesce(offering.match_group, allocated.match_group) as match_group,
        coalesce(offering.offered, 0) as offered,
        grp.match_basis,
        case when grp.match_basis = 'AMOUNT' then 1 else coalesce(grp.scale, 1) end as scale,
        coalesce(allocated.qty, 0) as allocated_qty,
        coalesce(awaited.qty, 0) as awaited_qty,
        coalesce(allocated.parts, 0) as allocated_parts,
        coalesce(awaited.parts, 0) as awaited_parts
    from offering
    full outer join allocated
        on offering.receipt_key = allocated.receipt_key and offering.match_group = allocated.match_group
    left join awaited on offering.receipt_key = awaited.receipt_key
    left join match_group as grp on coalesce(offering.match_group, allocated.match_group) = grp.match_group
),

measured as (
    select
        receipt_key,
        match_group,
        match_basis,
        cast(offered as decimal(38, 6)) as offered,
        cast(allocated_qty * scale as decimal(38, 6)) as consumed,
        cast((allocated_qty + awaited_qty) * scale as decimal(38, 6)) as accounted,
        cast(
            case when scale > 1 then allocated_parts * scale * 0.000001 else 0 end as decimal(38, 6)
        ) as consumed_slack,
        cast(
            case when scale > 1 then (allocated_parts + awaited_parts) * scale * 0.000001 else 0 end
            as decimal(38, 6)
        ) as accounted_slack
    from compared
)

select
    'more is allocated than was received' as what,
    receipt_key as document,
    match_group as line,
    offered as expected,
    consumed as found
from measured
where consumed > offered + consumed_slack
union all
select
    'allocated + awaited is not what was received' as what,
    receipt_key as document,
    match_group as line,
    offered as expected,
    accounted as found
from measured
where match_basis = 'QTY' and abs(accounted - offered) > accounted_slack
order by all
