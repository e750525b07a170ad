package caravan.warm;

import java.io.EOFException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLException;

/** Counts what goes wrong in one region and which places answer, and keeps the first of it. Safe for many threads. */
final class FaultLog {

    private final List<WarmFault> first = new ArrayList<>();

    private final Set<String> pops = new TreeSet<>();

    private long errors;

    private long elsewhere;

    private String last = "";

    synchronized void answeredBy(String pop) {
        if (!pop.isEmpty() && pops.size() < RegionReport.MAX_LISTED) {
            pops.add(pop);
        }
    }

    synchronized void add(WarmFault fault, boolean fromElsewhere) {
        elsewhere += fromElsewhere ? 1 : 0;
        answeredBy(fault.pop());
        errors++;
        last = fault.what();
        if (first.size() < RegionReport.MAX_LISTED) {
            first.add(fault);
        } else if (fault.isDamage() && !first.get(RegionReport.MAX_LISTED - 1).isDamage()) {
            // Nothing else that may go wrong is as bad, so it is never missing from the list.
            first.set(RegionReport.MAX_LISTED - 1, fault);
        }
    }

    synchronized List<WarmFault> first() {
        return List.copyOf(first);
    }

    synchronized List<String> pops() {
        return List.copyOf(pops);
    }

    synchronized long errors() {
        return errors;
    }

    synchronized long elsewhere() {
        return elsewhere;
    }

    /** What went wrong last; empty if nothing did. */
    synchronized String last() {
        return last;
    }

    /** The kind of failure, without the addresses that its own message may have. */
    static String wordsFor(Throwable failure) {
        if (failure instanceof UnknownHostException) {
            return "its name is unknown";
        }
        if (failure instanceof ConnectException || failure instanceof NoRouteToHostException) {
            return "no connection";
        }
        // A connection that is not made in time is one, too.
        if (failure instanceof SocketTimeoutException) {
            return "no answer in time";
        }
        if (failure instanceof SSLException) {
            return "no secure connection";
        }
        if (failure instanceof EOFException
                || failure.getClass().getSimpleName().startsWith("ConnectionClosed")) {
            return "the connection ended too early";
        }
        return "the connection broke";
    }
}
