package caravan.capture;

/**
 * A way to capture, one class each. Which one is right depends on the engine and on the file system; a mode refuses
 * what it cannot do safely, and says which mode can.
 */
public sealed interface CaptureMode extends DatabaseCapture
        permits LiveCapture, PausedCapture, HookCapture, AutoCapture {

    /** The mode's name in settings. */
    String mode();
}
