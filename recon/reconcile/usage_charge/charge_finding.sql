-- charge_finding: every finding of the night, before its history.
--
-- grain     finding_ref
-- reads     finding_on_code, finding_on_pair, finding_on_use, finding_on_bill_only, finding_on_charge,
--           finding_on_record, finding_on_claim, finding_on_stock, finding_on_denial
-- params    none
-- money     gross of each row has one sign: under and over are never netted
-- rule      Usage and charge 1, steps 5 to 7.
select * from finding_on_code
union all
select * from finding_on_pair
union all
select * from finding_on_use
union all
select * from finding_on_bill_only
union all
select * from finding_on_charge
union all
select * from finding_on_record
union all
select * from finding_on_claim
union all
select * from finding_on_stock
union all
select * from finding_on_denial
