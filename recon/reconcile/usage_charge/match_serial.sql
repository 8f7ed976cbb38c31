-- match_serial: second pass: use and charge of one serial number.
--
-- grain     use_no, charge_no
-- reads     left_after_order, used, charged
-- params    none
-- money     none: charge units
-- rule      Usage and charge 1, step 4 (b). One account and serial number. Both sides are laid end to
--           end in the order of their numbers (time, then id); what overlaps is matched: total, exact,
--           in any order of rows.
with use_side as (
    select
        line.use_no,
        line.account_no,
        line.serial_key,
        open.units
    from left_after_order as open
    inner join used as line on open.line_no = line.use_no
    where
        open.side = 'U'
        and line.account_no is not null
        and line.serial_key is not null
),

charge_side as (
    select
        line.charge_no,
        line.account_no,
        line.serial_key,
        open.units
    from left_after_order as open
    inner join charged as line on open.line_no = line.charge_no
    where
        open.side = 'C'
        and line.account_no is not null
        and line.serial_key is not null
),

use_key as (
    select
        account_no,
        serial_key,
        count(*) as lines,
        min(use_no) as use_no,
        min(units) as units
    from use_side
    group by account_no, serial_key
),

charge_key as (
    select
        account_no,
        serial_key,
        count(*) as lines,
        min(charge_no) as charge_no,
        min(units) as units
    from charge_side
    group by account_no, serial_key
),

-- Most keys hold one record of each kind: these need no order.
shared as (
    select
        use_key.account_no,
        use_key.serial_key,
        use_key.use_no,
        charge_key.charge_no,
        least(use_key.units, charge_key.units) as units,
        use_key.lines = 1 and charge_key.lines = 1 as is_single
    from use_key
    inner join charge_key
        on
            use_key.account_no = charge_key.account_no
            and use_key.serial_key = charge_key.serial_key
),

use_axis as (
    select
        use_side.*,
        sum(use_side.units) over (
            partition by use_side.account_no, use_side.serial_key
            order by use_side.use_no
            rows between unbounded preceding and current row
        ) as hi
    from use_side
    inner join shared
        on
            use_side.account_no = shared.account_no
            and use_side.serial_key = shared.serial_key
    where not shared.is_single
),

charge_axis as (
    select
        charge_side.*,
        sum(charge_side.units) over (
            partition by charge_side.account_no, charge_side.serial_key
            order by charge_side.charge_no
            rows between unbounded preceding and current row
        ) as hi
    from charge_side
    inner join shared
        on
            charge_side.account_no = shared.account_no
            and charge_side.serial_key = shared.serial_key
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
        and use_axis.serial_key = charge_axis.serial_key
        and use_axis.hi - use_axis.units < charge_axis.hi
        and charge_axis.hi - charge_axis.units < use_axis.hi
