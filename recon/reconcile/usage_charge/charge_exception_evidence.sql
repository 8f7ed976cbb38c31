-- charge_exception_evidence: the records behind each exception that is open: a result table.
--
-- grain     exception_key, table, row_key
-- reads     charge_keyed, finding_evidence
-- params    none
-- money     none
-- rule      What recon explain shows: every record that a finding of tonight stands on, by the finding's key. (Usage
--           and charge 1, tables: exception_evidence.)
select
    keyed.exception_key,
    evidence.source_table as table,
    evidence.row_key,
    evidence.role,
    evidence.units
from charge_keyed as keyed
inner join finding_evidence as evidence on keyed.finding_ref = evidence.finding_ref
