-- overlap: the rule of every pass and of every turn of a credit: units that takers and charges of one key share.
--
-- grain     taker_no, charge_no
-- reads     line
-- params    none
-- money     none: charge units
-- rule      Not a relation by itself: each pass (match_order to match_code) and each turn (credit_linked to
--           credit_any_day) says which lines it looks at, U what takes (a record of use, a credit) and C a charge, and
--           what the two must agree in (key_1, key_2, key_3; 0 where there is no more to agree in).
--           Both sides are laid end to end in the order of time, then of their numbers; where a taker and a charge
--           overlap, that many units belong together. So every unit that can be matched is, exactly, whatever the order
--           of the rows. (Usage and charge 1, steps 2 and 4.)
with charge_side as (
    select
        line_no as charge_no,
        service_at,
        key_1,
        key_2,
        key_3,
        units
    from line
    where side = 'C' and key_1 is not null and key_2 is not null and key_3 is not null
),

charge_key as (
    select
        key_1,
        key_2,
        key_3,
        count(*) as lines,
        min(charge_no) as charge_no,
        min(units) as units
    from charge_side
    group by key_1, key_2, key_3
),

-- A key is known by its first charge: from here on one number stands for all its columns.
taker_side as (
    select
        line.line_no as taker_no,
        line.service_at,
        charge_key.charge_no as key_no,
        charge_key.lines as charge_lines,
        charge_key.units as charge_units,
        line.units
    from line
    inner join charge_key
        on
            line.key_1 = charge_key.key_1
            and line.key_2 = charge_key.key_2
            and line.key_3 = charge_key.key_3
    -- Said for the engine, which then passes over what has no key before it looks for the rest.
    where line.side = 'U' and line.key_1 is not null and line.key_2 is not null and line.key_3 is not null
),

taker_key as (
    select
        key_no,
        min(charge_lines) as charge_lines,
        min(charge_units) as charge_units,
        count(*) as lines,
        min(taker_no) as taker_no,
        min(units) as units
    from taker_side
    group by key_no
),

-- Most keys hold one record of each kind: these need no order.
shared as (
    select
        key_no,
        taker_no,
        least(units, charge_units) as units,
        lines = 1 and charge_lines = 1 as is_single
    from taker_key
),

taker_axis as (
    select
        taker_side.*,
        sum(taker_side.units) over (
            partition by taker_side.key_no
            order by taker_side.service_at, taker_side.taker_no
            rows between unbounded preceding and current row
        ) as hi
    from taker_side
    inner join shared on taker_side.key_no = shared.key_no
    where not shared.is_single
),

charge_axis as (
    select
        charge_side.charge_no,
        charge_side.units,
        shared.key_no,
        sum(charge_side.units) over (
            partition by shared.key_no
            order by charge_side.service_at, charge_side.charge_no
            rows between unbounded preceding and current row
        ) as hi
    from charge_side
    inner join charge_key
        on
            charge_side.key_1 = charge_key.key_1
            and charge_side.key_2 = charge_key.key_2
            and charge_side.key_3 = charge_key.key_3
    inner join shared on charge_key.charge_no = shared.key_no
    where not shared.is_single
)

select
    taker_no,
    key_no as charge_no,
    cast(units as decimal(18, 6)) as units
from shared
where is_single
union all
select
    taker_axis.taker_no,
    charge_axis.charge_no,
    cast(
        least(taker_axis.hi, charge_axis.hi)
        - greatest(taker_axis.hi - taker_axis.units, charge_axis.hi - charge_axis.units) as decimal(18, 6)
    ) as units
from taker_axis
inner join charge_axis
    on
        taker_axis.key_no = charge_axis.key_no
        and taker_axis.hi - taker_axis.units < charge_axis.hi
        and charge_axis.hi - charge_axis.units < taker_axis.hi
