-- code_open: accounts and codes with units left open, what was matched of them, and what class they are.
--
-- grain     account_no, cdm_code
-- reads     left_open, used, charge_known, charge_open, matched, item_uom
-- params    none
-- money     none: charge units
-- rule      Nothing matched: used and not charged is SC01, charged and not used SC02. Something matched: a quantity is
--           wrong, SC03 (too little) or SC04 (too much), unless it is wrong by a unit (SC05): what was used is what was
--           charged times a packing factor of an item used, as on that day, or times its charge units per base unit, or
--           times both; or the other way round. A unit is one mistake in the map, a quantity a mistake on each line.
--           Factors are compared by cross-multiplication; a total of thirds is cut, by less than a millionth of a unit.
--           (Usage and charge 1, step 6.)
with open_line as (
    select
        used.account_no,
        used.cdm_code,
        left_open.units as use_units,
        cast(0 as decimal(18, 6)) as charge_units
    from left_open
    inner join used on left_open.line_no = used.use_no
    where left_open.side = 'U' and used.account_no is not null
    union all
    select
        account_no,
        cdm_code,
        cast(0 as decimal(18, 6)) as use_units,
        rest as charge_units
    from charge_open
    where rest > 0
),

open_code as (
    select
        account_no,
        cdm_code,
        cast(sum(use_units) as decimal(18, 6)) as use_units,
        cast(sum(charge_units) as decimal(18, 6)) as charge_units
    from open_line
    group by account_no, cdm_code
),

agreed as (
    select
        used.account_no,
        used.cdm_code,
        sum(matched.units) as units
    from open_code
    inner join used on open_code.account_no = used.account_no and open_code.cdm_code = used.cdm_code
    inner join matched on used.use_no = matched.use_no
    inner join charge_known as charged on matched.charge_no = charged.charge_no
    where charged.cdm_code = used.cdm_code and charged.account_no = used.account_no
    group by used.account_no, used.cdm_code
),

totalled as (
    select
        open_code.*,
        cast(coalesce(agreed.units, 0) as decimal(18, 6)) as matched_units,
        cast(cast(open_code.use_units + coalesce(agreed.units, 0) as decimal(19, 6)) * 1000000 as hugeint)
            as used_total,
        cast(cast(open_code.charge_units + coalesce(agreed.units, 0) as decimal(19, 6)) * 1000000 as hugeint)
            as charged_total
    from open_code
    left join agreed on open_code.account_no = agreed.account_no and open_code.cdm_code = agreed.cdm_code
),

item_used as (
    select
        totalled.account_no,
        totalled.cdm_code,
        used.item_id,
        used.service_date,
        used.map_num,
        used.map_den
    from totalled
    inner join used on totalled.account_no = used.account_no and totalled.cdm_code = used.cdm_code
    where totalled.matched_units > 0 and used.units > 0 and used.map_num > 0
    group by
        totalled.account_no,
        totalled.cdm_code,
        used.item_id,
        used.service_date,
        used.map_num,
        used.map_den
),

packing as (
    select
        item_used.account_no,
        item_used.cdm_code,
        item_used.item_id,
        item_used.map_num,
        item_used.map_den,
        cast(item_uom.to_base_num as hugeint) as num,
        cast(item_uom.to_base_den as hugeint) as den
    from item_used
    inner join item_uom
        on
            item_used.item_id = item_uom.item_id
            and item_used.service_date >= coalesce(item_uom.valid_from, date '0001-01-01')
            and item_used.service_date <= coalesce(item_uom.valid_to, date '9999-12-31')
),

factor as (
    select
        account_no,
        cdm_code,
        item_id,
        cast(map_num as hugeint) as num,
        cast(map_den as hugeint) as den
    from item_used
    union
    select
        account_no,
        cdm_code,
        item_id,
        num,
        den
    from packing
    union
    select
        account_no,
        cdm_code,
        item_id,
        num * map_num as num,
        den * map_den as den
    from packing
),

explained as (
    select
        totalled.account_no,
        totalled.cdm_code,
        min(factor.item_id) as item_id
    from totalled
    inner join factor on totalled.account_no = factor.account_no and totalled.cdm_code = factor.cdm_code
    where
        factor.num <> factor.den
        and totalled.used_total <> totalled.charged_total
        and (
            abs(totalled.used_total * factor.den - totalled.charged_total * factor.num) <= factor.den
            or abs(totalled.charged_total * factor.den - totalled.used_total * factor.num) <= factor.num
        )
    group by totalled.account_no, totalled.cdm_code
)

select
    totalled.account_no,
    totalled.cdm_code,
    totalled.use_units,
    case
        when totalled.matched_units = 0 then 'SC01'
        when explained.item_id is not null then 'SC05'
        else 'SC03'
    end as use_code,
    case
        when totalled.matched_units = 0 then 'SC02'
        when explained.item_id is not null then 'SC05'
        else 'SC04'
    end as charge_code,
    explained.item_id as factor_item_id,
    cast(
        case
            when explained.item_id is null then null
            else
                cast(
                    greatest(totalled.used_total, totalled.charged_total) * 1000000
                    // least(totalled.used_total, totalled.charged_total) as decimal(19, 0)
                )
                * cast(0.000001 as decimal(7, 6))
        end as decimal(18, 6)
    ) as factor
from totalled
left join explained on totalled.account_no = explained.account_no and totalled.cdm_code = explained.cdm_code
