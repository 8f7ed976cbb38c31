-- used: what each record of use should be charged: charge units, price, and why there are none.
--
-- grain     use_no
-- reads     use_judged, use_fraction
-- params    none
-- money     unit_price: the charge master's, or the mark-up of one base unit shared among its units
-- rule      Units are the quantity times the unit's factor times the charge units per base unit, as one fraction. What
--           was opened and never in touch with the patient expects no charge and is remembered (wasted): a charge for
--           it is SC11, not a charge without use. (Usage and charge 1, step 3.)
with sized as (
    select
        judged.*,
        cast(
            case
                when status not in ('EXPECTED', 'WASTED', 'UNMAPPED') then 0
                -- Most are so; whole numbers of 128 bits take ten times as long.
                when den = 1 and by_den = 1 and taken = 0 and num <= 1000000 and by_num <= 1000
                    then cast(qty as decimal(19, 6)) * cast(num * by_num as decimal(10, 0))
                when fraction.use_no is null
                    then
                        cast(
                            (
                                cast(cast(qty as decimal(19, 6)) * 1000000 as hugeint) * num * scale // den
                                - taken_parts
                            )
                            * by_num // (cast(scale as hugeint) * by_den) as decimal(19, 0)
                        )
                        * cast(0.000001 as decimal(7, 6))
                else fraction.millionths * cast(0.000001 as decimal(7, 6))
            end as decimal(18, 6)
        ) as amount
    from use_judged as judged
    left join use_fraction as fraction on judged.use_no = fraction.use_no
)

select
    use_no,
    facility_id,
    system_id,
    usage_id,
    account_no,
    case_key,
    used_at,
    used_date as service_date,
    dept_id,
    item_id,
    lot,
    serial_key,
    cdm_code,
    cast(case when status = 'EXPECTED' then amount else 0 end as decimal(18, 6)) as units,
    cast(case when status = 'WASTED' then amount else 0 end as decimal(18, 6)) as wasted,
    cast(case when status = 'UNMAPPED' then amount else 0 end as decimal(18, 6)) as unmapped,
    unit_price,
    markup,
    case
        when status = 'WASTED' then 'NOT_CHARGEABLE'
        when status = 'EXPECTED' and amount = 0 and taken > 0 then 'NETTED'
        else status
    end as status,
    map_num,
    map_den
from sized
