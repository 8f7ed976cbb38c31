-- packaging_code: what is printed on a packaging level, and the one item, and the unit, it stands for.
--
-- grain     code
-- reads     item_uom, catalog_unit
-- params    none
-- money     none
-- rule      A GTIN without leading zeros, or a HIBC in capitals, letters and digits only: of any level, from
--           the item master or a supplier's catalogue. One that two items bear stands for none; one of two
--           levels for no unit. A unit is the item master's: a catalogue converts nothing.
--           (Specification 1.1, item_uom; 1.2 step 3, T3.)
with level as (
    select
        ltrim(gtin, '0') as code,
        item_id,
        uom
    from item_uom
    where gtin is not null
    union
    select
        ltrim(regexp_replace(upper(hibcc), '[^A-Z0-9]', '', 'g'), '0') as code,
        item_id,
        uom
    from item_uom
    where hibcc is not null
    union
    select
        ltrim(gtin, '0') as code,
        item_id,
        cast(null as varchar) as uom
    from catalog_unit
    where gtin is not null and item_id is not null
)

select
    code,
    min(item_id) as item_id,
    case when min(uom) = max(uom) then min(uom) end as uom
from level
where code <> ''
group by code
having min(item_id) = max(item_id)
