-- charge_evidence: the records behind each finding of a workbook, by kind and without their numbers.
--
-- grain     exception_key, role, table
-- reads     charge_detail, charge_exception_evidence
-- params    none
-- money     none; units DECIMAL
-- rule      the key of a record may name a person: it is shown by `recon explain`, not here
select
    detail.exception_key,
    detail.code,
    evidence.role,
    evidence.table,
    count(*) as records,
    cast(sum(evidence.units) as decimal(18, 6)) as units
from charge_detail as detail
inner join charge_exception_evidence as evidence on detail.exception_key = evidence.exception_key
where detail.state = 'OPEN'
group by detail.exception_key, detail.code, evidence.role, evidence.table
order by all
