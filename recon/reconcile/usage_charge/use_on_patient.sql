-- use_on_patient: records of what touched the patient: those by which devices are judged.
--
-- grain     use_no
-- reads     use_kept
-- held      no
-- params    none
-- money     none
-- rule      What was opened and never in touch, explanted or returned is not among them. (Usage and charge 1, step 7.)
select *
from use_kept
where disposition in ('USED', 'IMPLANTED', 'WASTED_CONTACT')
