package caravan.capture;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Captures by the first of several modes that is safe here: mode {@code auto}. They are in the order in which they
 * pause a node; a mode that copies everything in the pause is never among them, because that takes hours and must be
 * wanted.
 */
public final class AutoCapture implements CaptureMode {

    private static final Logger LOG = LoggerFactory.getLogger(AutoCapture.class);

    private final List<CaptureMode> modes;

    /** @param modes from the one that pauses least to the one that pauses most; at least one */
    public AutoCapture(List<CaptureMode> modes) {
        this.modes = List.copyOf(modes);
        if (modes.isEmpty()) {
            throw new IllegalArgumentException("there is no mode to choose from");
        }
    }

    @Override
    public String mode() {
        return "auto";
    }

    /** A database that changes too fast for one mode is captured by the next that is safe. */
    @Override
    public CapturedDatabase capture(CaptureRequest request) throws CaravanException {
        Choice choice = choose(request, 0);
        say(request, choice);
        try {
            return choice.mode().capture(request);
        } catch (TransientException e) {
            if (Thread.currentThread().isInterrupted() || choice.at() + 1 >= modes.size()) {
                throw e;
            }
            Choice next = chooseAfter(request, choice, e);
            say(request, next);
            return next.mode().capture(request);
        }
    }

    @Override
    public List<String> check(CaptureRequest request) throws CaravanException {
        Choice choice = choose(request, 0);
        return choice.mode().check(request).stream()
                .map(line -> line + "; " + choice.reason())
                .toList();
    }

    /** A mode that is safe, and why it is not an earlier one. */
    private record Choice(CaptureMode mode, int at, List<String> refusals) {

        String reason() {
            return refusals.isEmpty()
                    ? "auto chose " + mode.mode() + ", which does not pause the node"
                    : "auto chose " + mode.mode() + ", because " + String.join("; ", refusals);
        }
    }

    private Choice choose(CaptureRequest request, int from) throws CaravanException {
        List<String> refusals = new ArrayList<>();
        Set<String> reasons = new HashSet<>();
        RefusedException first = null;
        for (int at = from; at < modes.size(); at++) {
            try {
                modes.get(at).check(request);
                return new Choice(modes.get(at), at, refusals);
            } catch (RefusedException e) {
                first = first == null ? e : first;
                reasons.add(e.getMessage());
                refusals.add("not " + modes.get(at).mode() + ": " + e.getMessage());
            }
        }
        if (reasons.size() == 1) {
            // What is wrong with the source is wrong for every mode, and said once.
            throw first;
        }
        throw new RefusedException(
                "no capture mode is safe for " + request.database() + ": " + String.join("; ", refusals),
                first.hint(),
                first);
    }

    private Choice chooseAfter(CaptureRequest request, Choice choice, TransientException failure)
            throws CaravanException {
        try {
            Choice next = choose(request, choice.at() + 1);
            List<String> reasons = new ArrayList<>(List.of(choice.mode().mode() + " failed: " + failure.getMessage()));
            reasons.addAll(next.refusals());
            return new Choice(next.mode(), next.at(), reasons);
        } catch (RefusedException | FailedException e) {
            failure.addSuppressed(e);
            throw failure;
        }
    }

    private static void say(CaptureRequest request, Choice choice) {
        LOG.info("{}: {}", request.database(), choice.reason());
    }
}
