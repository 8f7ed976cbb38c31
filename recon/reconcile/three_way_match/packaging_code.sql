-- packaging_code: what is printed on a package (GTIN or HIBC), and the one item, and the unit, it stands for.
--
-- grain     code
-- reads     item_uom, catalog_unit
-- params    none
-- money     none
-- rule      From the item master and from suppliers' catalogues, for packages of any level. Compared without what
--           writers differ in: a GTIN without leading zeros, a HIBC in capitals, letters and digits only. A code that
--           two items bear stands for none; one that two levels of an item bear stands for no unit. The unit is
--           the item master's, as a catalogue converts nothing. (Specification 1.1, item_uom; 1.2 step 3, T3.)
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
