-- use_judged: whether each record of use is to be charged, why not, and at which price.
--
-- grain     use_no
-- reads     use_mapped, use_netted, markup_price, code_period
-- held      no
-- params    none
-- money     unit_price: the charge master's, or the mark-up of one base unit shared among its units
-- rule      Nothing is charged for what is routine, of a charge unit below its threshold, explanted, returned, or
--           opened and never in touch with the patient. by_num over by_den are the charge units of one base unit; what
--           has no map is counted in base units. What was taken back is said in millionths of a base unit's scale-th
--           part as well, exactly. (Usage and charge 1, step 3.)
with priced as (
    select
        mapped.use_no,
        mapped.facility_id,
        mapped.system_id,
        mapped.usage_id,
        mapped.account_no,
        mapped.case_key,
        mapped.used_at,
        mapped.used_date,
        mapped.dept_id,
        mapped.location_id,
        mapped.item_id,
        mapped.lot,
        mapped.serial_key,
        mapped.disposition,
        mapped.cdm_code,
        mapped.qty,
        mapped.num,
        mapped.den,
        mapped.map_num,
        mapped.map_den,
        mapped.chargeable,
        mapped.threshold,
        cast(coalesce(netted.base, 0) as decimal(18, 6)) as taken,
        cast(coalesce(netted.scale, mapped.den) as bigint) as scale,
        cast(coalesce(netted.parts, 0) as hugeint) as taken_parts,
        markup.price as markup,
        coalesce(cdm.is_chargeable, true) as is_chargeable,
        case
            when cdm.method = 'COST_MARKUP' and markup.price is not null and mapped.map_num > 0
                then
                    cast(
                        cast(
                            cast(cast(markup.price as decimal(19, 2)) * 100 as hugeint) * 10000 * mapped.map_den
                            // mapped.map_num as decimal(19, 0)
                        )
                        * cast(0.000001 as decimal(7, 6)) as decimal(18, 6)
                    )
            else cast(coalesce(cdm.price, 0) as decimal(18, 6))
        end as unit_price
    from use_mapped as mapped
    left join use_netted as netted on mapped.use_no = netted.use_no
    left join markup_price as markup on mapped.use_no = markup.use_no
    left join code_period as cdm
        on
            mapped.facility_id = cdm.facility_id
            and mapped.cdm_code = cdm.cdm_code
            and mapped.used_date between cdm.from_day and cdm.to_day
),

judged as (
    select
        priced.*,
        case
            when num is null then 'NO_UNIT'
            when qty < 0 then 'NETTED'
            when chargeable = 'ROUTINE' then 'ROUTINE'
            when chargeable = 'N' then 'NOT_CHARGEABLE'
            when disposition in ('EXPLANTED', 'RETURNED') then 'NOT_CHARGEABLE'
            when cdm_code is null and disposition = 'WASTED_NOCONTACT' then 'NOT_CHARGEABLE'
            when cdm_code is null then 'UNMAPPED'
            when not is_chargeable then 'NOT_CHARGEABLE'
            when chargeable = 'THRESHOLD' and unit_price < threshold then 'BELOW_THRESHOLD'
            when disposition = 'WASTED_NOCONTACT' then 'WASTED'
            else 'EXPECTED'
        end as status
    from priced
)

select
    use_no,
    facility_id,
    system_id,
    usage_id,
    account_no,
    case_key,
    used_at,
    used_date,
    dept_id,
    location_id,
    item_id,
    lot,
    serial_key,
    cdm_code,
    qty,
    num,
    den,
    map_num,
    map_den,
    taken,
    scale,
    taken_parts,
    markup,
    unit_price,
    status,
    cast(case when status = 'UNMAPPED' then 1 else map_num end as bigint) as by_num,
    cast(case when status = 'UNMAPPED' then 1 else map_den end as bigint) as by_den
from judged
