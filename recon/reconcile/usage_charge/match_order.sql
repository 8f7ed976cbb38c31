-- match_order: first pass: the charge names the record of use.
--
-- grain     use_no, charge_no
-- reads     used, charged
-- params    none
-- money     none: charge units
-- rule      Usage and charge 1, step 4 (a). The order number of the charge is the record of use. Both
--           sides are laid end to end in the order of their numbers (time, then id); what overlaps is
--           matched: total, exact, in any order of rows.
with charge_side as (
    select
        charge_no,
        account_no,
        order_id as usage_id,
        units
    from charged
    where units > 0 and account_no is not null and order_id is not null
),

charge_key as (
    select
        account_no,
        usage_id,
        count(*) as lines,
        min(charge_no) as charge_no,
        min(units) as units
    from charge_side
    group by account_no, usage_id
),

use_side as (
    select
        used.use_no,
        used.account_no,
        used.usage_id,
        used.units
    from used
    inner join charge_key on used.account_no = charge_key.account_no and used.usage_id = charge_key.usage_id
    where used.units > 0
),

use_key as (
    select
        account_no,
        usage_id,
        count(*) as lines,
        min(use_no) as use_no,
        min(units) as units
    from use_side
    group by account_no, usage_id
),

-- Most keys hold one record of each kind: these need no order.
shared as (
    select
        use_key.account_no,
        use_key.usage_id,
        use_key.use_no,
        charge_key.charge_no,
        least(use_key.units, charge_key.units) as units,
        use_key.lines = 1 and charge_key.lines = 1 as is_single
    from use_key
    inner join charge_key
        on
            use_key.account_no = charge_key.account_no
            and use_key.usage_id = charge_key.usage_id
),

use_axis as (
    select
        use_side.*,
        sum(use_side.units) over (
            partition by use_side.account_no, use_side.usage_id
            order by use_side.use_no
            rows between unbounded preceding and current row
        ) as hi
    from use_side
    inner join shared
        on
            use_side.account_no = shared.account_no
            and use_side.usage_id = shared.usage_id
    where not shared.is_single
),

charge_axis as (
    select
        charge_side.*,
        sum(charge_side.units) over (
            partition by charge_side.account_no, charge_side.usage_id
            order by charge_side.charge_no
            rows between unbounded preceding and current row
        ) as hi
    from charge_side
    inner join shared
        on
            charge_side.account_no = shared.account_no
            and charge_side.usage_id = shared.usage_id
    where not shared.is_single
)

select
    use_no,
    charge_no,
    cast(units as decimal(18, 6)) as units
from shared
where is_single
union all
select
    use_axis.use_no,
    charge_axis.charge_no,
    cast(
        least(use_axis.hi, charge_axis.hi)
        - greatest(use_axis.hi - use_axis.units, charge_axis.hi - charge_axis.units) as decimal(18, 6)
    ) as units
from use_axis
inner join charge_axis
    on
        use_axis.account_no = charge_axis.account_no
        and use_axis.usage_id = charge_axis.usage_id
        and use_axis.hi - use_axis.units < charge_axis.hi
        and charge_axis.hi - charge_axis.units < use_axis.hi
