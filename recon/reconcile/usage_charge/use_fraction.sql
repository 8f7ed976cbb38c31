-- use_fraction: charge units of records of use that do not come out as whole millionths.
--
-- grain     use_no
-- reads     use_judged
-- params    none
-- money     none: millionths of charge units
-- rule      Three records of a third of a unit are one unit, and not 0.999999: totals of an account and code are
--           rounded down, and each record gets what it adds to the total so far. (Usage and charge 1, step 3.)
with left_over as (
    select
        use_judged.*,
        cast(cast(qty as decimal(19, 6)) * 1000000 as hugeint) * num * scale // den - taken_parts as parts
    from use_judged
    where status in ('EXPECTED', 'WASTED', 'UNMAPPED') and (scale <> 1 or by_den <> 1)
),

counted as (
    select
        use_no,
        used_at,
        facility_id,
        account_no,
        cdm_code,
        status,
        -- Thirds of which some were taken back are thirds like any other.
        case when parts * den % scale = 0 then parts * den // scale else parts end * by_num as dividend,
        case when parts * den % scale = 0 then den else scale end * cast(by_den as hugeint) as divisor
    from left_over
),

fraction as (
    select
        use_no,
        used_at,
        facility_id,
        account_no,
        cdm_code,
        status,
        divisor,
        sum(dividend) as dividend
    from counted
    where dividend % divisor <> 0
    group by use_no, used_at, facility_id, account_no, cdm_code, status, divisor
),

totalled as (
    select
        use_no,
        divisor,
        dividend,
        sum(dividend) over (
            partition by facility_id, account_no, cdm_code, status, divisor
            order by used_at, use_no
            rows between unbounded preceding and current row
        ) as total
    from fraction
)

select
    use_no,
    cast(total // divisor - (total - dividend) // divisor as decimal(19, 0)) as millionths
from totalled
