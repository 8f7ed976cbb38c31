-- charge_keyed: every finding with the key by which it is known from night to night.
--
-- grain     exception_key
-- reads     charge_finding, finding_evidence, account_known
-- params    none
-- money     none
-- rule      The key is a hash of code, hospital, account and the sorted keys of the records at stake, so that the same
--           defect has the same key every night, in whatever order its records arrive. (Usage and charge 1, step 8.)
with listed as (
    select
        finding_ref,
        string_agg(
            source_table || ':' || row_key, ',' order by coalesce(source_table || ':' || row_key, '')
        ) as records
    from finding_evidence
    group by finding_ref
)

select
    finding.*,
    account.account_key,
    other.account_key as other_account_key,
    account.patient_class,
    account.payer_class,
    account.final_bill_date,
    account.bill_status,
    account.bill_due_date,
    account.filing_due_date,
    left(md5(
        finding.code || '|' || coalesce(finding.facility_id, '') || '|' || coalesce(account.account_key, '')
        || '|' || coalesce(listed.records, '')
    ), 16) as exception_key
from charge_finding as finding
left join listed on finding.finding_ref = listed.finding_ref
left join account_known as account on finding.account_no = account.account_no
left join account_known as other on finding.other_account_no = other.account_no
