-- How a session began. A step-up changes amr, and whether a session may go on where two-step sign-in is required depends on
-- how it began.
ALTER TABLE sessions ADD COLUMN began_amr TEXT; -- null: as amr says

-- A device was known by what two browsers behind one address may share. Now its browser has a value of its own, and nothing
-- shows these any more.
DELETE FROM trusted_devices;
