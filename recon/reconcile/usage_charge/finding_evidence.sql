-- finding_evidence: the records behind each finding, and which of them are at stake.
--
-- grain     finding_ref, source_table, row_key
-- reads     charge_finding, code_line, pair_line, used, use_known, charge_known
-- params    none
-- money     none
-- rule      The key of a finding follows from the records at stake (charge_keyed). (Usage and charge 1, step 8.)
with record as (
    select
        code || '|' || cast(account_no as varchar) || '|' || cdm_code as finding_ref,
        side,
        line_no,
        units,
        case when code = 'SC08' then 'DUPLICATE' end as role
    from code_line
    union all
    select
        code || '|' || cast(account_no as varchar) || '|' || cdm_code
        || '|' || coalesce(other_cdm_code, '') || '|' || coalesce(cast(other_account_no as varchar), '')
        || '|' || case when is_suggested then 'Y' else 'N' end
        || '|' || case when amount < 0 then 'OVER' else 'UNDER' end as finding_ref,
        'U' as side,
        use_no as line_no,
        units,
        cast(null as varchar) as role
    from pair_line
    union all
    select
        code || '|' || cast(account_no as varchar) || '|' || cdm_code
        || '|' || coalesce(other_cdm_code, '') || '|' || coalesce(cast(other_account_no as varchar), '')
        || '|' || case when is_suggested then 'Y' else 'N' end
        || '|' || case when amount < 0 then 'OVER' else 'UNDER' end as finding_ref,
        'C' as side,
        charge_no as line_no,
        units,
        cast(null as varchar) as role
    from pair_line
),

named as (
    select
        record.finding_ref,
        'usage_event' as source_table,
        used.system_id || '|' || used.usage_id as row_key,
        coalesce(record.role, 'USED') as role,
        record.units
    from record
    inner join used on record.line_no = used.use_no
    where record.side = 'U'
    union all
    select
        record.finding_ref,
        'charge_event' as source_table,
        charged.system_id || '|' || charged.txn_id as row_key,
        coalesce(record.role, 'CHARGED') as role,
        record.units
    from record
    inner join charge_known as charged on record.line_no = charged.charge_no
    where record.side = 'C'
    union all
    select
        finding.finding_ref,
        'usage_event' as source_table,
        known.system_id || '|' || known.usage_id as row_key,
        'USED' as role,
        finding.units
    from charge_finding as finding
    inner join use_known as known on finding.use_no = known.use_no
    where finding.finding_ref like '%|U|%'
    union all
    select
        finding.finding_ref,
        'charge_event' as source_table,
        charged.system_id || '|' || charged.txn_id as row_key,
        'CHARGED' as role,
        finding.units
    from charge_finding as finding
    inner join charge_known as charged on finding.charge_no = charged.charge_no
    where finding.finding_ref like '%|C|%'
    union all
    select
        finding_ref,
        record_table as source_table,
        record_key as row_key,
        record_role as role,
        units
    from charge_finding
    where record_table is not null
)

select
    finding_ref,
    source_table,
    row_key,
    min(role) as role,
    cast(sum(units) as decimal(18, 6)) as units
from named
group by finding_ref, source_table, row_key
