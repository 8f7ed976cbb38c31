-- charge_open: open charges of supplies, and how much of each was never used or is a duplicate.
--
-- grain     charge_no
-- reads     left_open, charge_known, charged, charge_scope, never_charged, used, edit_code
-- params    none
-- money     none: charge units
-- rule      A unit has one code, so that the reasons are asked in order. First what is never charged (SC10). Then units
--           that an opened, untouched supply of that account and code covers (SC11). Then whole records that are twins
--           (SC08): same day, units, price, serial number and department, without a modifier or a reason that says the
--           repeat is meant. A twin that use supports is not open and so is no duplicate; of twins that nothing
--           supports, the first stays. (Usage and charge 1, step 6.)
with open_charge as (
    select
        line.*,
        left_open.units as open_units,
        never_charged.charge_no is not null as is_never_charged
    from left_open
    inner join charge_known as line on left_open.line_no = line.charge_no
    inner join charge_scope as scope
        on line.period_no = scope.period_no and coalesce(line.revenue_code, '') = scope.revenue_code
    left join never_charged on line.charge_no = never_charged.charge_no
    where left_open.side = 'C' and line.account_no is not null and scope.is_supply
),

untouched as (
    select
        account_no,
        cdm_code,
        cast(sum(wasted) as decimal(18, 6)) as units
    from used
    where wasted > 0 and account_no is not null
    group by account_no, cdm_code
),

covering as (
    select
        open_charge.charge_no,
        open_charge.open_units,
        untouched.units as wasted,
        sum(open_charge.open_units) over (
            partition by open_charge.account_no, open_charge.cdm_code
            order by open_charge.service_at, open_charge.charge_no
            rows between unbounded preceding and current row
        ) as hi
    from open_charge
    inner join untouched
        on open_charge.account_no = untouched.account_no and open_charge.cdm_code = untouched.cdm_code
    where not open_charge.is_never_charged
),

covered as (
    select
        charge_no,
        cast(least(open_units, wasted - (hi - open_units)) as decimal(18, 6)) as units
    from covering
    where hi - open_units < wasted
),

meant as (
    select known.charge_no
    from charge_known as known
    inner join edit_code
        on
            edit_code.kind = 'REPEAT_MODIFIER'
            and ' ' || known.mods || ' ' like '% ' || edit_code.code || ' %'
    group by known.charge_no
),

whole as (
    select open_charge.*
    from open_charge
    left join covered on open_charge.charge_no = covered.charge_no
    left join meant on open_charge.charge_no = meant.charge_no
    where
        covered.charge_no is null
        and meant.charge_no is null
        and open_charge.repeat_reason is null
        and not open_charge.is_never_charged
        and open_charge.open_units = open_charge.units
),

numbered as (
    select
        whole.charge_no,
        whole.account_no,
        whole.cdm_code,
        whole.service_date,
        whole.open_units,
        whole.unit_price,
        coalesce(whole.serial_key, '') as serial_key,
        coalesce(whole.dept_id, '') as dept_id,
        row_number() over (
            partition by
                whole.account_no,
                whole.cdm_code,
                whole.service_date,
                whole.open_units,
                whole.unit_price,
                coalesce(whole.serial_key, ''),
                coalesce(whole.dept_id, '')
            order by whole.service_at, whole.charge_no
        ) as place
    from whole
),

-- Twins of these that are not wholly open: use supports them.
supported as (
    select numbered.charge_no
    from numbered
    inner join charged as twin
        on
            numbered.account_no = twin.account_no
            and numbered.cdm_code = twin.cdm_code
            and numbered.service_date = twin.service_date
            and numbered.open_units = twin.units
            and numbered.unit_price = twin.unit_price
            and numbered.serial_key = coalesce(twin.serial_key, '')
            and numbered.dept_id = coalesce(twin.dept_id, '')
    inner join charge_scope as scope
        on twin.period_no = scope.period_no and coalesce(twin.revenue_code, '') = scope.revenue_code
    left join whole on twin.charge_no = whole.charge_no
    left join meant on twin.charge_no = meant.charge_no
    where
        whole.charge_no is null
        and meant.charge_no is null
        and twin.repeat_reason is null
        and twin.net_units = twin.units
        and scope.is_supply
    group by numbered.charge_no
),

twin as (
    select numbered.charge_no
    from numbered
    left join supported on numbered.charge_no = supported.charge_no
    where numbered.place > 1 or supported.charge_no is not null
)

select
    open_charge.charge_no,
    open_charge.account_no,
    open_charge.cdm_code,
    open_charge.service_date,
    open_charge.dept_id,
    open_charge.unit_price,
    cast(case when open_charge.is_never_charged then open_charge.open_units else 0 end as decimal(18, 6)) as never,
    cast(coalesce(covered.units, 0) as decimal(18, 6)) as untouched,
    cast(case when twin.charge_no is not null then open_charge.open_units else 0 end as decimal(18, 6)) as twin,
    cast(
        case
            when open_charge.is_never_charged or twin.charge_no is not null then 0
            else open_charge.open_units - coalesce(covered.units, 0)
        end as decimal(18, 6)
    ) as rest
from open_charge
left join covered on open_charge.charge_no = covered.charge_no
left join twin on open_charge.charge_no = twin.charge_no
