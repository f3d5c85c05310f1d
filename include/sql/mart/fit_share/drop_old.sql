-- rows of days before :before leave; the newest day stays, however old it is
DELETE FROM mart.fit_share
WHERE run_date < :before
    AND run_date < (SELECT MAX(newest.run_date) FROM mart.fit_share AS newest);
