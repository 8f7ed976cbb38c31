-- use_on_patient: records of what touched the patient.
--
-- grain     use_no
-- reads     use_kept
-- held      no
-- params    none
-- money     none
-- rule      Usage and charge 1, step 7. Opened and never in touch, explanted and returned are not.
select *
from use_kept
where disposition in ('USED', 'IMPLANTED', 'WASTED_CONTACT')
