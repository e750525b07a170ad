package caravan.capture;

import caravan.failure.CaravanException;
import caravan.failure.WrongUsageException;
import caravan.snapshot.DatabaseName;
import java.util.List;
import java.util.Map;

/** Captures each database by the mode that is set for it. */
public final class PerDatabaseCapture implements DatabaseCapture {

    private final Map<DatabaseName, CaptureMode> modes;

    /** Copies {@code modes}. */
    public PerDatabaseCapture(Map<DatabaseName, CaptureMode> modes) {
        this.modes = Map.copyOf(modes);
    }

    @Override
    public CapturedDatabase capture(CaptureRequest request) throws CaravanException {
        try {
            return modeOf(request).capture(request);
        } catch (CaravanException e) {
            throw NamedFailure.of(request.database(), e);
        }
    }

    @Override
    public List<String> check(CaptureRequest request) throws CaravanException {
        try {
            return modeOf(request).check(request);
        } catch (CaravanException e) {
            throw NamedFailure.of(request.database(), e);
        }
    }

    private CaptureMode modeOf(CaptureRequest request) throws WrongUsageException {
        CaptureMode mode = modes.get(request.database());
        if (mode == null) {
            throw new WrongUsageException(
                    "no capture mode is set for " + request.database(), "set caravan.database.<name>.capture");
        }
        return mode;
    }
}
