-- match_lot: third pass: use and charge of one item and lot.
--
-- grain     use_no, charge_no
-- reads     left_after_serial, used, charged
-- params    none
-- money     none: charge units
-- rule      Usage and charge 1, step 4 (c). One account, item and lot. Both sides are laid end to end
--           in the order of their numbers (time, then id); what overlaps is matched: total, exact, in
--           any order of rows.
with use_side as (
    select
        line.use_no,
        line.account_no,
        line.item_id,
        line.lot,
        open.units
    from left_after_serial as open
    inner join used as line on open.line_no = line.use_no
    where
        open.side = 'U'
        and line.account_no is not null
        and line.item_id is not null
        and line.lot is not null
),

charge_side as (
    select
        line.charge_no,
        line.account_no,
        line.item_id,
        line.lot,
        open.units
    from left_after_serial as open
    inner join charged as line on open.line_no = line.charge_no
    where
        open.side = 'C'
        and line.account_no is not null
        and line.item_id is not null
        and line.lot is not null
),

use_key as (
    select
        account_no,
        item_id,
        lot,
        count(*) as lines,
        min(use_no) as use_no,
        min(units) as units
    from use_side
    group by account_no, item_id, lot
),

charge_key as (
    select
        account_no,
        item_id,
        lot,
        count(*) as lines,
        min(charge_no) as charge_no,
        min(units) as units
    from charge_side
    group by account_no, item_id, lot
),

-- Most keys hold one record of each kind: these need no order.
shared as (
    select
        use_key.account_no,
        use_key.item_id,
        use_key.lot,
        use_key.use_no,
        charge_key.charge_no,
        least(use_key.units, charge_key.units) as units,
        use_key.lines = 1 and charge_key.lines = 1 as is_single
    from use_key
    inner join charge_key
        on
            use_key.account_no = charge_key.account_no
            and use_key.item_id = charge_key.item_id
            and use_key.lot = charge_key.lot
),

use_axis as (
    select
        use_side.*,
        sum(use_side.units) over (
            partition by use_side.account_no, use_side.item_id, use_side.lot
            order by use_side.use_no
            rows between unbounded preceding and current row
        ) as hi
    from use_side
    inner join shared
        on
            use_side.account_no = shared.account_no
            and use_side.item_id = shared.item_id
            and use_side.lot = shared.lot
    where not shared.is_single
),

charge_axis as (
    select
        charge_side.*,
        sum(charge_side.units) over (
            partition by charge_side.account_no, charge_side.item_id, charge_side.lot
            order by charge_side.charge_no
            rows between unbounded preceding and current row
        ) as hi
    from charge_side
    inner join shared
        on
            charge_side.account_no = shared.account_no
            and charge_side.item_id = shared.item_id
            and charge_side.lot = shared.lot
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
        and use_axis.item_id = charge_axis.item_id
        and use_axis.lot = charge_axis.lot
        and use_axis.hi - use_axis.units < charge_axis.hi
        and charge_axis.hi - charge_axis.units < use_axis.hi
