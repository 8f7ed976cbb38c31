-- charge_factor: each unit factor, and under it the findings it explains.
--
-- grain     finding_key, exception_key (empty for the factor itself)
-- reads     charge_detail, unit_factor, item
-- params    none
-- money     DECIMAL, taken over unchanged
-- rule      one factor is one thing to mend, whatever the number of its lines; largest first
with line as (
    select *
    from charge_detail
    where state <> 'AUTO_CLOSED' and finding_key is not null
),

factor as (
    select unit_factor.*
    from unit_factor
    where unit_factor.finding_key in (select line.finding_key from line)
),

both_levels as (
    select
        factor.finding_key,
        'FINDING' as level,
        factor.facility_id,
        factor.item_id,
        factor.cdm_code,
        factor.direction,
        factor.factor,
        factor.accounts,
        cast(null as varchar) as exception_key,
        cast(null as varchar) as account_key,
        factor.units,
        factor.gross,
        abs(factor.gross) as stake,
        0 as level_no
    from factor
    union all
    select
        factor.finding_key,
        'LINE' as level,
        line.facility_id,
        line.item_id,
        line.cdm_code,
        factor.direction,
        factor.factor,
        null as accounts,
        line.exception_key,
        line.account_key,
        line.units,
        line.gross,
        abs(factor.gross) as stake,
        1 as level_no
    from factor
    inner join line on factor.finding_key = line.finding_key
)

select
    both_levels.finding_key,
    both_levels.level,
    both_levels.facility_id,
    both_levels.item_id,
    item.description as item_description,
    both_levels.cdm_code,
    both_levels.direction,
    both_levels.factor,
    both_levels.accounts,
    both_levels.exception_key,
    both_levels.account_key,
    both_levels.units,
    both_levels.gross
from both_levels
left join item on both_levels.item_id = item.item_id
order by
    both_levels.stake desc,
    both_levels.finding_key asc,
    both_levels.level_no asc,
    both_levels.exception_key asc
