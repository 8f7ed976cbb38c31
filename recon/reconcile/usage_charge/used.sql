-- used: what each record of use should be charged: charge units, price, and why there are none.
--
-- grain     use_no
-- reads     use_mapped, use_netted, markup_price, code_period
-- params    none
-- money     unit_price: the charge master's, or the mark-up of one base unit shared among its units
-- rule      Usage and charge 1, step 3. Units are quantity times the unit's factor times charge units per
--           base unit, as one fraction; where it does not come out, totals of an account and code are
--           rounded down and each record gets what it adds to them, so that three thirds are one.
--           Nothing is charged for what is routine, of a charge unit below its threshold, explanted,
--           returned, or opened and never in touch with the patient; the last is kept (wasted) for SC11.
with priced as (
    select
        mapped.use_no,
        coalesce(netted.base, 0) as taken,
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
        mapped.use_no,
        mapped.facility_id,
        mapped.system_id,
        mapped.usage_id,
        mapped.account_no,
        mapped.case_key,
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
        priced.taken,
        priced.markup,
        priced.unit_price,
        case
            when mapped.num is null then 'NO_UNIT'
            when mapped.qty < 0 then 'NETTED'
            when mapped.chargeable = 'ROUTINE' then 'ROUTINE'
            when mapped.chargeable = 'N' then 'NOT_CHARGEABLE'
            when mapped.disposition in ('EXPLANTED', 'RETURNED') then 'NOT_CHARGEABLE'
            when mapped.cdm_code is null and mapped.disposition = 'WASTED_NOCONTACT' then 'NOT_CHARGEABLE'
            when mapped.cdm_code is null then 'UNMAPPED'
            when not priced.is_chargeable then 'NOT_CHARGEABLE'
            when mapped.chargeable = 'THRESHOLD' and priced.unit_price < mapped.threshold then 'BELOW_THRESHOLD'
            when mapped.disposition = 'WASTED_NOCONTACT' then 'WASTED'
            else 'EXPECTED'
        end as status
    from use_mapped as mapped
    inner join priced on mapped.use_no = priced.use_no
),

counted as (
    select
        judged.*,
        case
            when status in ('NO_UNIT', 'NETTED') then cast(0 as hugeint)
            else
                (
                    cast(cast(qty as decimal(19, 6)) * 1000000 as hugeint) * num
                    - cast(cast(taken as decimal(19, 6)) * 1000000 as hugeint) * den
                )
                * case when status = 'UNMAPPED' then 1 else map_num end
        end as dividend,
        case
            when status in ('NO_UNIT', 'NETTED') then cast(1 as hugeint)
            when status = 'UNMAPPED' then cast(den as hugeint)
            else cast(den as hugeint) * map_den
        end as divisor
    from judged
),

-- Only fractions that do not come out need the order of their records.
fraction as (
    select
        use_no,
        facility_id,
        account_no,
        cdm_code,
        status,
        divisor,
        sum(dividend) as dividend
    from counted
    where dividend % divisor <> 0
    group by use_no, facility_id, account_no, cdm_code, status, divisor
),

uneven as (
    select
        use_no,
        sum(dividend) over (
            partition by facility_id, account_no, cdm_code, status, divisor
            order by use_no
            rows between unbounded preceding and current row
        ) as total
    from fraction
),

sized as (
    select
        counted.*,
        case
            when uneven.use_no is null then counted.dividend // counted.divisor
            else uneven.total // counted.divisor - (uneven.total - counted.dividend) // counted.divisor
        end as millionths
    from counted
    left join uneven on counted.use_no = uneven.use_no
)

select
    use_no,
    facility_id,
    system_id,
    usage_id,
    account_no,
    case_key,
    used_date as service_date,
    dept_id,
    location_id,
    item_id,
    lot,
    serial_key,
    cdm_code,
    cast(
        case when status = 'EXPECTED' then cast(millionths as decimal(19, 0)) else 0 end
        * cast(0.000001 as decimal(7, 6)) as decimal(18, 6)
    ) as units,
    cast(
        case when status = 'WASTED' then cast(millionths as decimal(19, 0)) else 0 end
        * cast(0.000001 as decimal(7, 6)) as decimal(18, 6)
    ) as wasted,
    cast(
        case when status = 'UNMAPPED' then cast(millionths as decimal(19, 0)) else 0 end
        * cast(0.000001 as decimal(7, 6)) as decimal(18, 6)
    ) as unmapped,
    unit_price,
    markup,
    case
        when status = 'WASTED' then 'NOT_CHARGEABLE'
        when status = 'EXPECTED' and millionths = 0 and taken > 0 then 'NETTED'
        else status
    end as status,
    num,
    den,
    map_num,
    map_den
from sized
