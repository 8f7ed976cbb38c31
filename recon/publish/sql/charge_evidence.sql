-- charge_evidence: the records behind each open finding of a workbook.
--
-- grain     exception_key, table, row_key
-- reads     charge_detail, charge_exception_evidence
-- params    none
-- money     none; units DECIMAL
-- rule      a token in the key of a record is shown as three dots: who it is stands in the finding
select
    detail.exception_key,
    detail.code,
    evidence.role,
    evidence.table,
    regexp_replace(evidence.row_key, '[a-z0-9]{1,8}:[A-Z2-7]{32}', '...', 'g') as row_key,
    evidence.units
from charge_detail as detail
inner join charge_exception_evidence as evidence on detail.exception_key = evidence.exception_key
where detail.state <> 'AUTO_CLOSED'
order by all
