-- unit: how much one unit of an item is, as a whole number of that item's smallest share.
--
-- grain     item_id, uom
-- reads     item, item_uom
-- params    $as_of  DATE, conversions must hold on it
-- money     none
-- rule      A conversion is a fraction of the base unit (one each may be 1/12 box), which no decimal holds. So
--           quantities are counted in shares: one base unit is `scale` shares, one `uom` is `shares` of them, all whole
--           numbers. `scale` is 1 wherever every unit is a whole number of base units. A unit without a conversion is
--           not here, and is never guessed. (Specification 1.2 step 1.)
with stated as (
    select
        item_id,
        uom,
        to_base_num as num,
        to_base_den as den
    from item_uom
    where
        coalesce(valid_from, date '0001-01-01') <= $as_of
        and coalesce(valid_to, date '9999-12-31') >= $as_of
        and to_base_num > 0
        and to_base_den > 0
),

-- The base unit needs no row of its own.
known as (
    select
        item_id,
        uom,
        num,
        den
    from stated
    union all
    select
        item.item_id,
        item.base_uom as uom,
        cast(1 as bigint) as num,
        cast(1 as bigint) as den
    from item
    left join stated on item.item_id = stated.item_id and item.base_uom = stated.uom
    where stated.uom is null
),

largest as (
    select
        item_id,
        max(den) as den
    from known
    group by item_id
),

-- A denominator that does not divide the largest one (thirds beside quarters).
odd as (
    select
        known.item_id,
        max(known.den) as den
    from known
    inner join largest on known.item_id = largest.item_id
    where largest.den % known.den <> 0
    group by known.item_id
),

two as (
    select
        largest.item_id,
        cast(largest.den * coalesce(odd.den, 1) as bigint) as scale
    from largest
    left join odd on largest.item_id = odd.item_id
),

-- One that divides neither (sevenths beside both).
third as (
    select
        known.item_id,
        max(known.den) as den
    from known
    inner join two on known.item_id = two.item_id
    where two.scale % known.den <> 0
    group by known.item_id
),

scaled as (
    select
        two.item_id,
        cast(two.scale * coalesce(third.den, 1) as bigint) as scale
    from two
    left join third on two.item_id = third.item_id
)

select
    known.item_id,
    known.uom,
    cast(known.num * (scaled.scale // known.den) as bigint) as shares,
    scaled.scale
from known
inner join scaled on known.item_id = scaled.item_id
where scaled.scale % known.den = 0
