-- cdm_gap_detail: rows of the charge master that would make a wrong claim, with what is wrong in words.
--
-- grain     facility_id, cdm_code, valid_from, code
-- reads     cdm_gap, exception_code
-- params    none
-- money     price as the charge master states it
-- rule      as found; a gap is no error of a bill: the HCPCS code may be filled in when the charge is made.
--           No day is shown: a shared workbook has none, of whatever it may be
select
    cdm_gap.code,
    exception_code.title,
    cdm_gap.facility_id,
    cdm_gap.cdm_code,
    cdm_gap.description,
    cdm_gap.revenue_code,
    cdm_gap.hcpcs,
    cdm_gap.price
from cdm_gap
left join exception_code on cdm_gap.code = exception_code.code
order by
    cdm_gap.code asc,
    cdm_gap.price desc nulls last,
    cdm_gap.facility_id asc,
    cdm_gap.cdm_code asc,
    cdm_gap.valid_from asc
