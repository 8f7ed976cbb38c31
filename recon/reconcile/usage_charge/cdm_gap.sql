-- cdm_gap: rows of the charge master that would make a wrong claim, whether or not they were charged yet.
--
-- grain     facility_id, cdm_code, valid_from, code
-- reads     cdm, supply_revenue, edit_code
-- params    $as_of  DATE, the business date
-- money     price as the charge master states it
-- rule      SP04: a revenue code of implants without a HCPCS code. SD10: a HCPCS code that is no implant under a
--           revenue code of implants. SP05: a HCPCS code of a device under a revenue code that is none of implants.
--           A gap of the charge master and no error of a bill: a HCPCS code may still be filled in when the charge is
--           made. Only rows that count on the business date: of a code's in force the newest. (Usage and charge 6,
--           rules worth copying.)
with implant_revenue as (
    select distinct revenue_prefix
    from supply_revenue
    where is_implant = 'Y'
),

no_implant as (
    select distinct code
    from edit_code
    where kind = 'NOT_IMPLANT'
),

device as (
    select distinct code
    from edit_code
    where kind = 'DEVICE'
),

begun as (
    select
        cdm.*,
        row_number() over (partition by facility_id, cdm_code order by valid_from desc) as age
    from cdm
    where
        valid_from <= $as_of
        and (valid_to is null or valid_to >= $as_of or valid_to + 1 = valid_from)
),

judged as (
    select
        cdm.facility_id,
        cdm.cdm_code,
        cdm.valid_from,
        cdm.description,
        cdm.revenue_code,
        cdm.hcpcs,
        cdm.price,
        case
            when implant_revenue.revenue_prefix is not null and cdm.hcpcs is null then 'SP04'
            when implant_revenue.revenue_prefix is not null and no_implant.code is not null then 'SD10'
            when
                implant_revenue.revenue_prefix is null
                and cdm.revenue_code is not null
                and device.code is not null
                and no_implant.code is null
                then 'SP05'
        end as code
    from begun as cdm
    left join implant_revenue
        on substr(cdm.revenue_code, 1, length(implant_revenue.revenue_prefix)) = implant_revenue.revenue_prefix
    left join no_implant on cdm.hcpcs = no_implant.code
    left join device on cdm.hcpcs = device.code
    where
        cdm.age = 1
        and (cdm.valid_to is null or cdm.valid_to >= $as_of)
        and (cdm.chargeable is null or cdm.chargeable)
)

select
    facility_id,
    cdm_code,
    valid_from,
    code,
    description,
    revenue_code,
    hcpcs,
    price
from judged
where code is not null
