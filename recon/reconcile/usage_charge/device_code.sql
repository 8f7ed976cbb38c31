-- device_code: device identifiers that the item master knows, and the one item each stands for.
--
-- grain     udi_di
-- reads     item_uom
-- params    none
-- money     none
-- rule      From GTINs and HIBCs of packages of any level, as item masters write them and as the barcode says them: a
--           GTIN in fourteen digits (spreadsheets lose the zeros in front), a HIBC in capitals, letters and digits
--           only. One that two items bear stands for none. (Usage and charge 1, tables: item_uom; 4.)
with written as (
    select
        case
            when length(gtin) < 14 and regexp_replace(gtin, '[0-9]', '', 'g') = '' then lpad(gtin, 14, '0')
            else gtin
        end as udi_di,
        item_id
    from item_uom
    where gtin is not null
    union all
    select
        regexp_replace(upper(hibcc), '[^A-Z0-9]', '', 'g') as udi_di,
        item_id
    from item_uom
    where hibcc is not null
)

select
    udi_di,
    min(item_id) as item_id
from written
group by udi_di
having min(item_id) = max(item_id)
