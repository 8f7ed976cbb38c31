-- charge_finding: every finding of the night, before its history.
--
-- grain     finding_ref
-- reads     finding_on_code, finding_on_pair
-- params    none
-- money     gross of each row has one sign: under and over are never netted
-- rule      Usage and charge 1, steps 5 to 7.
select * from finding_on_code
union all
select * from finding_on_pair
